"""How words, readings and numbers of standards are compared."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.catalogue import rules


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("GB/T 228.1-2021", "GB/T 228.1-2021"),
        ("gb/t228.1—2021", "GB/T 228.1-2021"),
        ("GB/T 228.1–2021", "GB/T 228.1-2021"),
        ("ＧＢ／Ｔ　２２８．１－２０２１", "GB/T 228.1-2021"),
        ("GB / T 228.1 - 2021", "GB/T 228.1-2021"),
        ("gb5009.12-2023", "GB 5009.12-2023"),
        ("jjg30-2012", "JJG 30-2012"),
        ("JY/T0587-2020", "JY/T 0587-2020"),
        ("iso24443:2021", "ISO 24443:2021"),
        ("ISO/IEC 17025:2017", "ISO/IEC 17025:2017"),
        ("DB4401/T 10-2018", "DB4401/T 10-2018"),
        ("t/cas115-2015", "T/CAS 115-2015"),
        ("化妆品安全技术规范(2015年版)", "化妆品安全技术规范(2015年版)"),
    ],
)
def test_a_standard_has_one_way_of_being_written(given, number):
    assert rules.standard_number(given) == number
    assert rules.standard_number(number) == number


def test_numbers_of_standards_are_compared_without_their_signs():
    assert rules.standard_key("gb/t228.1—2021") == rules.standard_key("GBT 228.1-2021") == "GBT228.12021"
    assert rules.standard_key("GB/T 228.1-2010") != rules.standard_key("GB/T 228.1-2021")


def test_readings_are_of_the_chinese_parts_only():
    assert rules.pinyin("数显卡尺 0–150 mm") == ("shuxiankachi", "sxkc")
    assert rules.pinyin("FE-SEM") == ("", "")


def test_names_are_found_with_and_without_their_spaces():
    text = rules.search_text(["电子万能试验机 100 kN"], ["TH-006"])

    assert text == "电子万能试验机 100 kn 电子万能试验机100kn dianziwannengshiyanji dzwnsyj th-006"


def test_names_sort_by_their_reading():
    assert sorted(["质谱仪", "卡尺", "测色仪"], key=rules.sort_key) == ["测色仪", "卡尺", "质谱仪"]


@pytest.mark.django_db
@given(st.text(st.sampled_from("卡尺试验机 ab-1"), max_size=12))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_makes_the_same_bigrams(text):
    normal = rules.normalised(text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gongheng_bigrams(%s)", [normal])
        assert sorted(cursor.fetchone()[0]) == rules.bigrams(text)
