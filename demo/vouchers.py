"""The demo's voucher programmes, who holds a voucher, and who waits for one; loading twice adds nothing."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from accounts.models import District, Membership, Organisation
from billing.models import Affiliation, Grant, Programme, VoucherApplication
from billing.vouchers import operations as vouchers
from billing.vouchers import rules
from demo.records import Record, read
from kernel.money import Money
from kernel.refusals import Refusal
from labs.models import Lab

FILE = "vouchers.json"
AFFILIATES = ("ORG-B01", "ORG-L08", "示例：同一集团")
"""A car maker, and the laboratory of its house: no voucher pays between them."""


def load(folder: Path, now: datetime) -> dict[str, int]:
    """
    Open the programmes and give vouchers, unless that was done before; what is over by now is left out.

    Raises:
        RecordWrongError: a record cannot be used; the message names file, record and field.
    """
    organisations = Organisation.objects.in_bulk(field_name="code")
    for each in read(folder, FILE, "code"):
        programme = _programme(each, organisations, now)
        if not programme.grants.exists():
            for inner in each.records("grants"):
                _grant(inner, programme, organisations, now)
        if not programme.applications.exists():
            for inner in each.records("applications"):
                _application(inner, programme, now)
    _affiliates(organisations, now)
    return {
        "programmes": Programme.objects.count(),
        "vouchers": Grant.objects.count(),
        "applications": VoucherApplication.objects.count(),
    }


def _programme(each: Record, organisations: dict[str, Organisation], now: datetime) -> Programme:
    found = Programme.objects.filter(code=each.name).first()
    if found is not None:
        return found
    fields: dict[str, Any] = {
        "name_zh": each.text("name_zh"),
        "name_en": each.text("name_en", ""),
        "terms_zh": each.text("terms_zh", ""),
        "terms_en": each.text("terms_en", ""),
        "kinds": each.take("kinds", list),
        "sizes": each.take("eligible_sizes", list),
        "valid_from": each.day("valid_from"),
        "valid_to": each.day("valid_to"),
        "cover_bp": each.take("cover_bp", int),
        "per_order_cap_fen": each.take("per_order_cap_fen", int),
        "yearly_cap_fen": each.take("per_org_year_cap_fen", int),
        "budget_fen": each.take("budget_fen", int),
        "is_stackable": each.take("stack_with_discount", bool),
        "urgent_eligible": False,
        "invoice_content": Programme.InvoiceContent.FULL,
    }
    made = vouchers.add_programme(
        code=each.name,
        issuer=each.one_of("issuer", organisations),
        fields=fields,
        districts=_named(each, "eligible_adcodes", District.objects.in_bulk()),
        labs=_named(each, "eligible_labs", Lab.objects.in_bulk(field_name="code")),
        by=None,
        now=now,
    )
    return vouchers.set_state(programme=made, state=Programme.State.OPEN, by=None, now=now)


def _named(each: Record, field: str, known: dict[Any, Any]) -> list[Any]:
    return each.each_of(field, known) if field in each.fields else []


def _grant(each: Record, programme: Programme, organisations: dict[str, Organisation], now: datetime) -> None:
    until: date = each.day("expires_on")
    if until < rules.local_day(now):
        return
    try:
        vouchers.issue_grant(
            programme=programme,
            organisation=each.one_of("organisation", organisations),
            face=Money(each.take("face_fen", int)),
            expires_on=until,
            by=None,
            now=now,
        )
    except Refusal as refusal:
        raise each.wrong("organisation", str(refusal)) from refusal


def _application(each: Record, programme: Programme, now: datetime) -> None:
    if programme.valid_to < rules.local_day(now):
        return
    members = Membership.objects.filter(user__email=each.text("by"), organisation__code=each.text("organisation"))
    by = members.select_related("organisation", "user").first()
    if by is None:
        raise each.wrong("by", "belongs to no such organisation")
    wanted = Money(each.take("wanted_fen", int))
    try:
        vouchers.apply(programme=programme, wanted=wanted, purpose=each.text("purpose"), by=by, now=now)
    except Refusal as refusal:
        raise each.wrong("wanted_fen", str(refusal)) from refusal


def _affiliates(organisations: dict[str, Organisation], now: datetime) -> None:
    one, other, note = AFFILIATES
    operator = Membership.objects.filter(organisation__roles__contains=["platform_operator"]).order_by("pk").first()
    if operator is None or Affiliation.objects.exists() or not {one, other} <= organisations.keys():
        return
    number = organisations[other].registration_number
    vouchers.declare_affiliate(organisation=organisations[one], number=number, note=note, by=operator, now=now)
