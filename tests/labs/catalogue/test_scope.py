"""What a lab is accredited for on a day (LAB-1)."""

from datetime import date

import pytest

from labs.catalogue import scope
from labs.catalogue.rules import InScope, accreditation_number_warning, standard_kind
from labs.models import Accreditation, Offering
from tests.factories.labs import AccreditationFactory, LabFactory, ScopeEntryFactory, ServiceFactory, StandardFactory

DAY = date(2026, 11, 24)


def entry(**changed):
    values = {
        "standards": ("GB/T 228.1-2021", ""),
        "parameters": ("抗拉强度", "tensile strength"),
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "accredited_from": date(2025, 1, 1),
        "accredited_to": date(2028, 12, 31),
    }
    return InScope(**{**values, **changed})


@pytest.mark.parametrize(
    ("changed", "asked", "covered"),
    [
        ({}, {}, True),
        ({}, {"standard": "gb/t228.1—2021"}, True),
        ({}, {"standard": "GB/T 228.1-2010"}, False),
        ({"standards": ("GB/T 228.1-2014", "")}, {}, False),
        ({}, {"standard": "GB/T 228.2-2021"}, False),
        ({}, {"standard": "GB/T 228.1"}, False),
        ({}, {"standard": ""}, False),
        ({"standards": ("", "GB/T 228.1-2021")}, {}, True),
        ({"standards": ("", "")}, {"standard": ""}, False),
        ({}, {"parameter": "Tensile  Strength"}, True),
        ({}, {"parameter": "断后伸长率"}, False),
        ({}, {"parameter": ""}, False),
        ({}, {"on": date(2026, 1, 1)}, True),
        ({}, {"on": date(2026, 12, 31)}, True),
        ({}, {"on": date(2025, 12, 31)}, False),
        ({}, {"on": date(2027, 1, 1)}, False),
        ({"valid_to": None}, {"on": date(2028, 12, 31)}, True),
        ({"valid_to": None}, {"on": date(2029, 1, 1)}, False),
        ({"accredited_to": date(2026, 11, 24)}, {}, True),
        ({"accredited_to": date(2026, 11, 23)}, {}, False),
        ({"accredited_from": date(2026, 11, 25)}, {}, False),
    ],
)
def test_a_method_is_in_scope_when_number_and_parameter_match_and_both_are_valid(changed, asked, covered):
    """LAB-1."""
    wanted = {"standard": "GB/T 228.1-2021", "parameter": "抗拉强度", "on": DAY, **asked}

    assert entry(**changed).covers(**wanted) is covered


@pytest.mark.django_db
def test_the_entries_that_cover_a_method_are_found_in_one_statement(django_assert_num_queries):
    mine = ScopeEntryFactory()
    lab = mine.accreditation.lab
    ScopeEntryFactory(accreditation=mine.accreditation, parameter_zh="断后伸长率", parameter_en="")
    ScopeEntryFactory(accreditation=mine.accreditation, standard=StandardFactory(number="GB/T 228.1-2010"))
    ScopeEntryFactory(accreditation=AccreditationFactory(lab=lab, valid_to=date(2026, 11, 23)))
    ScopeEntryFactory()

    with django_assert_num_queries(1):
        found = scope.in_scope(lab=lab, standard=mine.standard, parameter="抗拉强度", on=DAY)

    assert found == [mine]
    assert found[0].parameter == "抗拉强度"


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_by_what_services_are_accredited_is_found_in_one_statement(rows, django_assert_num_queries):
    lab = LabFactory()
    accreditation = AccreditationFactory(lab=lab)
    standard = StandardFactory()
    for _ in range(rows):
        ServiceFactory(lab=lab, standards=[standard], parameter_zh="抗拉强度")
    ScopeEntryFactory(accreditation=accreditation, standard=standard)
    uncovered = ServiceFactory(
        lab=lab, standards=[standard, StandardFactory(number="GB/T 1-2020")], parameter_zh="抗拉强度"
    )
    services = list(Offering.objects.services().prefetch_related("standards"))

    with django_assert_num_queries(1):
        found = scope.accreditations_of(services, DAY)

    assert found == {each.pk: set() if each == uncovered else {"CNAS"} for each in services}


@pytest.mark.parametrize(
    ("kind", "number", "warning"),
    [
        (Accreditation.Kind.CMA, "261900119901", ""),
        (Accreditation.Kind.CMA, "2619 0011 9901", ""),
        (Accreditation.Kind.CMA, "202619001199", ""),
        (Accreditation.Kind.CMA, "20261900119901", "cma_digits"),
        (Accreditation.Kind.CMA, "261999119901", "cma_field"),
        (Accreditation.Kind.CNAS, "CNAS L99001", ""),
        (Accreditation.Kind.CNAS, "cnas ib0123", ""),
        (Accreditation.Kind.CNAS, "L99001", "cnas_form"),
        (Accreditation.Kind.JLSQ, "(粤)法计(2024)示例06号", ""),
    ],
)
def test_a_number_that_looks_odd_is_a_warning(kind, number, warning):
    assert accreditation_number_warning(kind, number) == warning


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("gb/t228.1—2021", "GB/T"),
        ("GB 8410-2006", "GB"),
        ("JJF 1101-2019", "JJF"),
        ("DB4401/T 10-2020", "DB4401/T"),
        ("ISO 24443:2021", "ISO"),
        ("T/CAS 100-2020", "T/CAS"),
        ("化妆品安全技术规范(2015年版)", ""),
    ],
)
def test_the_kind_of_a_standard_is_read_from_its_number(number, kind):
    assert standard_kind(number) == kind
