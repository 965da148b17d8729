"""Reference codes, banks' files and matching, without a database (BL-33)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.payments import reading, rules
from billing.payments.reading import Fault

bodies = st.text(rules.ALPHABET, min_size=8, max_size=8)


@given(bodies, st.integers(0, 8), st.sampled_from(rules.ALPHABET))
def test_one_wrong_character_of_a_code_is_found(body: str, at: int, other: str) -> None:
    code = body + rules.check_character(body)
    slipped = code[:at] + other + code[at + 1 :]

    assert rules.is_code(code)
    assert rules.is_code(slipped) == (slipped == code)


@given(bodies, st.integers(0, 8), st.integers(0, 8))
def test_two_swapped_characters_of_a_code_are_found(body: str, one: int, two: int) -> None:
    code = list(body + rules.check_character(body))
    swapped = code.copy()
    swapped[one], swapped[two] = swapped[two], swapped[one]

    assert rules.is_code("".join(swapped)) == (swapped == code)


@given(bodies, st.sampled_from(["{}", "仪器款 {} 谢谢", "XX公司{}", "ref:{}/2026", "（{}）"]))
def test_a_code_is_read_as_people_write_it(body: str, remark: str) -> None:
    code = body + rules.check_character(body)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)

    for written in (code, code.lower(), rules.grouped(code), wide, "-".join(code[at : at + 3] for at in (0, 3, 6))):
        assert code in rules.codes_in(remark.format(written))


def test_a_code_has_nine_characters_none_of_which_is_taken_for_another() -> None:
    codes = {rules.new_code() for _ in range(200)}

    assert len(codes) == 200
    assert {len(code) for code in codes} == {9}
    assert not set("".join(codes)) & set("0O1I")


def test_numbers_of_orders_are_read_too() -> None:
    assert rules.numbers_in("付 r20261124000001 与MS20261201000002款") == ["R20261124000001", "MS20261201000002"]
    assert rules.numbers_in("6222020261124000001234") == []


ORDER = rules.Known(1, rules.ORDER, ("穗芯科技（广州）有限公司", "Suixin"), 60_000)
BALANCE = rules.Known(2, rules.TOP_UP, ("穗芯科技（广州）有限公司",), None)
PAID = rules.Known(3, rules.ORDER, ORDER.names, 60_000, is_paid=True)
PAYER = "穗芯科技(广州)有限公司"


@pytest.mark.parametrize(
    ("fen", "payer", "found", "verdict"),
    [
        (60_000, PAYER, [ORDER], rules.Verdict(1)),
        (60_000, " 穗芯科技 （广州）有限公司", [ORDER], rules.Verdict(1)),
        (60_000, "SUIXIN", [ORDER], rules.Verdict(1)),
        (60_001, PAYER, [ORDER], rules.Verdict(1, rest_fen=1)),
        (59_999, PAYER, [ORDER], rules.Verdict(1, why=rules.TOO_LITTLE)),
        (60_000, "李雷", [ORDER], rules.Verdict(1, why=rules.PAYER)),
        (60_000, "", [ORDER], rules.Verdict(1, why=rules.PAYER)),
        (60_000, PAYER, [PAID], rules.Verdict(3, why=rules.PAID_ALREADY)),
        (5, PAYER, [BALANCE], rules.Verdict(2)),
        (60_000, PAYER, [ORDER, BALANCE], rules.Verdict(None, why=rules.SEVERAL)),
        (60_000, PAYER, [], rules.Verdict(None, why=rules.UNKNOWN)),
    ],
)
def test_bl_33_what_becomes_of_money_that_came(fen, payer, found, verdict) -> None:
    assert rules.decide(fen=fen, payer=payer, found=found) == verdict


ICBC = (
    "账号：,3602000000000000001\n"
    "交易日期,交易流水号,借方发生额（支取）,贷方发生额（收入）,对方户名,对方账号,摘要,附言\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_file_is_read_in_either_encoding(encoding: str) -> None:
    found = reading.read((ICBC + '2026-11-24,A1,,"1,234.50",穗芯科技,6222,转账,谢谢\n合计,,,1234.5\n').encode(encoding))

    assert found.faults == []
    assert found.rows == [reading.Row(3, "A1", date(2026, 11, 24), 123_450, "穗芯科技", "6222", "谢谢 转账")]


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("记账日期\t流水号\t金额\t借贷标志\n20261124\tA1\t10.5\t贷\n", 1_050),
        ("记账日期\t流水号\t金额\t借贷标志\n20261124\tA1\t10.5\t借\n", -1_050),
        ("入账时间,核心流水号,交易金额,对方单位名称\n20261124 10:22:01,A1,-3.00,某\n", -300),
        ("Date;Serial;Credit;Debit;Payer;Remark\n2026/11/24;A1;7;;x;y\n", 700),
        ("交易日期,银行流水号,收入,支出,附言\n2026年11月24日,A1,--,8.88,\n", -888),
    ],
)
def test_banks_name_their_columns_as_they_like(text: str, fen: int) -> None:
    (row,) = reading.read(text.encode()).rows

    assert (row.serial, row.on, row.fen) == ("A1", date(2026, 11, 24), fen)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("2026-13-01,A1,,1,,,,", Fault(3, "date", "2026-13-01")),
        ("2026-11-24,,,1,,,,", Fault(3, "serial")),
        ("2026-11-24,A1,,1.005,,,,", Fault(3, "amount", "1.005")),
        ("2026-11-24,A1,,一百,,,,", Fault(3, "amount", "一百")),
        ("2026-11-24,A1,,nan,,,,", Fault(3, "amount", "nan")),
        ("2026-11-24,A1,,,,,,", Fault(3, "nothing")),
        ("2026-11-24,A1,,1,,,,\n2026-11-24,A1,,1,,,,", Fault(4, "twice", "A1")),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line(line: str, fault: Fault) -> None:
    assert list(reading.read((ICBC + line).encode()).faults) == [fault]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe\x00\x00", "encoding"),
        (b"a,b\n1,2\n", "heads"),
        (ICBC.encode(), "empty"),
        (b"PK\x03\x04\x00", "encoding"),
    ],
)
def test_what_is_no_such_file_is_told(content: bytes, code: str) -> None:
    assert [fault.code for fault in reading.read(content).faults] == [code]


def test_a_month_is_to_be_paid_by_the_twentieth_of_the_next_and_reminded_of_every_week() -> None:
    due = rules.due_on(date(2026, 12, 1))

    def reminded(day: int, last: date | None = None) -> bool:
        return rules.is_to_be_reminded(due=due, today=date(2027, 1, day), reminded=last)

    assert due == date(2027, 1, 20)
    assert [reminded(14), reminded(15), reminded(21, date(2027, 1, 15)), reminded(22, date(2027, 1, 15))] == [
        False,
        True,
        False,
        True,
    ]
