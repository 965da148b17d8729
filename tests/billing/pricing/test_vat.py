"""BL-17: the tax within a price, by line; and the rate that holds, by category, seller and day."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import TaxpayerStatus
from billing.models import VatRate
from billing.pricing.queries import VatRateUnknown, vat_rate
from billing.pricing.rules import Line
from billing.pricing.vat import split, with_vat
from tests.factories.accounts import OrganisationFactory, UserFactory

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("amount", "rate_bp", "net", "tax"),
    [
        (10_600, 600, 10_000, 600),
        (69_300, 600, 65_377, 3_923),  # 65377.36
        (11_300, 1_300, 10_000, 1_300),
        (10_100, 100, 10_000, 100),
        (10_300, 300, 10_000, 300),
        (53, 600, 50, 3),
        (159, 600, 150, 9),
        (3, 10_000, 2, 1),  # 1.5 goes up
        (0, 600, 0, 0),
        (-10_600, 600, -10_000, -600),
        (10_600, 0, 10_600, 0),
    ],
)
def test_bl_17_net_is_rounded_half_up_and_tax_is_the_rest(amount, rate_bp, net, tax):
    assert split(amount, rate_bp) == (net, tax)


@given(amount=st.integers(-(10**12), 10**12), rate_bp=st.integers(0, 10_000))
def test_bl_17_net_and_tax_are_the_amount_and_a_credit_note_mirrors_its_invoice(amount, rate_bp):
    net, tax = split(amount, rate_bp)

    assert net + tax == amount
    assert split(-amount, rate_bp) == (-net, -tax)


def test_bl_17_document_totals_are_sums_of_lines():
    taxed = with_vat([Line(kind="usage", list_fen=fen, amount_fen=fen) for fen in (3, 3, 3)], 1_300)

    assert [(one.net_fen, one.tax_fen) for one in taxed.lines] == [(3, 0)] * 3
    assert (taxed.net_fen, taxed.tax_fen, taxed.total_fen) == (9, 0, 9)  # of the sum it would be 8 and 1


def a_seller(*history: tuple[date, str]) -> int:
    organisation = OrganisationFactory()
    TaxpayerStatus.objects.filter(organisation=organisation).delete()
    for since, kind in history:
        TaxpayerStatus.objects.create(organisation=organisation, valid_from=since, taxpayer_type=kind)
    return organisation.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("category", "kind", "on", "rate_bp"),
    [
        ("testing_service", "general", TODAY, 600),
        ("rental_assisted", "general", TODAY, 600),
        ("rental_self", "general", TODAY, 1_300),
        ("platform_fee", "general", TODAY, 600),
        ("rental_self", "small_scale", TODAY, 100),
        ("rental_self", "small_scale", date(2027, 12, 31), 100),
        ("rental_self", "small_scale", date(2028, 1, 1), 300),
    ],
)
def test_bl_17_the_rate_follows_the_category_the_seller_and_the_day(category, kind, on, rate_bp):
    assert vat_rate(category=category, seller_id=a_seller((date(2020, 1, 1), kind)), on=on) == rate_bp


@pytest.mark.django_db
def test_bl_17_the_sellers_status_is_that_of_the_day():
    seller = a_seller((date(2020, 1, 1), "small_scale"), (date(2026, 7, 1), "general"))

    assert vat_rate(category="rental_self", seller_id=seller, on=date(2026, 6, 30)) == 100
    assert vat_rate(category="rental_self", seller_id=seller, on=date(2026, 7, 1)) == 1_300


@pytest.mark.django_db
@pytest.mark.parametrize("history", [[], [(date(2027, 1, 1), "general")], [(date(2020, 1, 1), "foreign")]])
def test_a_rate_that_nobody_recorded_is_not_guessed(history):
    seller = a_seller(*history)

    with translation.override("en"), pytest.raises(VatRateUnknown) as refused:
        vat_rate(category="rental_self", seller_id=seller, on=TODAY)

    assert refused.value.code == "VAT_RATE_UNKNOWN"
    assert refused.value.facts["category"] == "bare use of an instrument (lease)"
    assert refused.value.facts["on"] == "2026-11-29"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("vat_rate_is_a_share", {"category": "x", "rate_bp": 10_001}),
        ("vat_rate_ends_after_it_begins", {"category": "x", "valid_to": date(2019, 1, 1)}),
        ("vat_rate_one_a_day", {"valid_from": date(2030, 1, 1)}),
        ("vat_rate_one_a_day", {"taxpayer_type": "small_scale", "valid_from": date(2027, 12, 31)}),
    ],
)
def test_the_database_keeps_one_rate_a_day(constraint, wrong):
    good = {"category": "rental_self", "taxpayer_type": "general", "rate_bp": 900, "valid_from": date(2026, 1, 1)}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        VatRate.objects.create(**{**good, **wrong})


@pytest.mark.django_db
def test_staff_let_a_rate_end_and_add_the_next_and_rewrite_nothing(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    old = VatRate.objects.get(category="rental_self", taxpayer_type="general")
    new = {"category": "rental_self", "taxpayer_type": "general", "rate_bp": "900", "valid_from": "2027-01-01"}
    add = reverse("admin:billing_vatrate_add")

    refused = client.post(add, new)
    assert refused.status_code == 200
    assert refused.context["adminform"].form.non_field_errors() == ["该时段已有生效的税率，请先为其填写截止日期。"]
    change = reverse("admin:billing_vatrate_change", args=[old.pk])
    assert client.post(change, {"valid_to": "2026-12-31", "rate_bp": "1"}).status_code == 302
    assert client.post(add, new).status_code == 302

    seller = a_seller((date(2020, 1, 1), "general"))
    assert vat_rate(category="rental_self", seller_id=seller, on=date(2026, 12, 31)) == 1_300
    assert vat_rate(category="rental_self", seller_id=seller, on=date(2027, 1, 1)) == 900
    assert client.post(reverse("admin:billing_vatrate_delete", args=[old.pk])).status_code == 403
