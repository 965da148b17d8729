"""Registering organisations and keeping their profiles right."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import CharField, Func, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from accounts.organisations import rules
from accounts.organisations.events import (
    OrganisationEdited,
    OrganisationRegistered,
    OrganisationTermsSet,
    TaxpayerTypeRecorded,
)
from accounts.organisations.models import Organisation, TaxpayerStatus
from accounts.people.models import User
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, Refusals, refusing

EDITABLE = frozenset(
    {
        "name_zh",
        "name_en",
        "org_type",
        "district",
        "size",
        "employees",
        "annual_revenue_fen",
        "industry",
        "invoice_title",
        "invoice_address",
        "invoice_phone",
        "bank_name",
        "bank_account",
        "email",
        "phone",
        "timezone",
    }
)


class CreditCodeLength(Refusal):
    code = "credit_code_length"
    message = _("A credit code has {expected} characters; this one has {count}.")
    status = 422


class CreditCodeCharacter(Refusal):
    code = "credit_code_character"
    message = _(
        "“{character}” at position {position} cannot stand in a credit code: "
        "it has digits and capital letters, but never I, O, S, V or Z."
    )
    status = 422


class CreditCodeAuthority(Refusal):
    code = "credit_code_authority"
    message = _("“{character}” at position {position} is no registration authority.")
    status = 422


class CreditCodeRegion(Refusal):
    code = "credit_code_region"
    message = _("“{character}” at position {position} should be a digit: positions 3 to 8 are the administrative code.")
    status = 422


class CreditCodeCheck(Refusal):
    code = "credit_code_check"
    message = _(
        "“{character}” at position {position} does not fit the 17 characters before it: one of the 18 is mistyped. "
        "Please compare them with your licence."
    )
    status = 422


class CreditCodeMissing(Refusal):
    code = "credit_code_missing"
    message = _("An organisation in mainland China needs its unified social credit code.")
    status = 422


class ForeignNumberMissing(Refusal):
    code = "foreign_number_missing"
    message = _("An organisation outside mainland China needs its registration number and its country or region.")
    status = 422


class NameMissing(Refusal):
    code = "organisation_name_missing"
    message = _("An organisation needs the name on its licence.")
    status = 422


class CreditCodeTaken(Refusal):
    code = "credit_code_taken"
    message = _(
        "An organisation with the credit code {uscc} is already registered. "
        "Ask a colleague who owns it to invite you, or write to us."
    )


class ForeignNumberTaken(Refusal):
    code = "foreign_number_taken"
    message = _("An organisation with the number {foreign_reg_no} in {country} is already registered.")


class TaxpayerTypeAlreadyRecorded(Refusal):
    code = "taxpayer_type_already_recorded"
    message = _("A taxpayer type is already recorded from {valid_from}.")


class RoleUnknown(Refusal):
    code = "organisation_role_unknown"
    message = _("No organisation has the role “{role}”.")
    status = 422


class CreditNegative(Refusal):
    code = "credit_negative"
    message = _("A credit limit cannot be below zero.")
    status = 422


REFUSAL_OF: dict[rules.Flaw, type[Refusal]] = {
    rules.Flaw.LENGTH: CreditCodeLength,
    rules.Flaw.CHARACTER: CreditCodeCharacter,
    rules.Flaw.AUTHORITY: CreditCodeAuthority,
    rules.Flaw.REGION: CreditCodeRegion,
    rules.Flaw.CHECK: CreditCodeCheck,
}


def credit_code_refusals(text: str) -> list[Refusal]:
    """Return what is wrong with a credit code as typed, as refusals, in reading order."""
    count = len(rules.normalised(text))
    return [
        REFUSAL_OF[problem.flaw](
            character=problem.character, position=problem.position, count=count, expected=rules.LENGTH
        )
        for problem in rules.check_uscc(text)
    ]


def credit_code(text: str) -> str:
    """
    Return a credit code as it is kept: folded, upper-cased, without spaces and hyphens.

    Raises:
        Refusals: it is wrong; every place that is wrong is named.
    """
    if not rules.normalised(text):
        raise CreditCodeMissing
    if refusals := credit_code_refusals(text):
        raise Refusals(refusals)
    return rules.normalised(text)


def identity(*, country: str, uscc: str, foreign_reg_no: str) -> dict[str, str | None]:
    """
    Return what identifies an organisation, ready to be kept: a credit code, or a number abroad.

    Raises:
        CreditCodeMissing: it is in mainland China and gives none.
        Refusals: its credit code is wrong.
        ForeignNumberMissing: it is elsewhere and gives no number.
    """
    country = country.strip().upper()
    if rules.has_credit_code(country):
        return {"country": country, "uscc": credit_code(uscc), "foreign_reg_no": ""}
    if not foreign_reg_no.strip() or len(country) != 2:
        raise ForeignNumberMissing
    return {"country": country, "uscc": None, "foreign_reg_no": foreign_reg_no.strip()}


def only_editable(profile: dict[str, Any]) -> None:
    """
    Make sure that a profile only says what its owner may say.

    Raises:
        TypeError: it says more.
    """
    if beyond := profile.keys() - EDITABLE:
        raise TypeError(f"an owner cannot set {', '.join(sorted(beyond))}")


def next_code() -> Concat:
    """Return the SQL expression of the next organisation code: ORG-1001."""
    number = Func(Value("accounts_organisation_code_seq"), function="nextval")
    return Concat(Value("ORG-"), Cast(number, CharField()), output_field=CharField())


@transaction.atomic
def register(
    *,
    name_zh: str,
    org_type: str,
    by: User,
    now: datetime,
    uscc: str = "",
    country: str = rules.HOME_COUNTRY,
    foreign_reg_no: str = "",
    **profile: Any,
) -> Organisation:
    """
    Register an organisation, not verified yet, as a customer.

    Raises:
        NameMissing, CreditCodeMissing, ForeignNumberMissing, Refusals: what identifies it is missing or wrong.
        CreditCodeTaken, ForeignNumberTaken: it is registered already.
    """
    known = identity(country=country, uscc=uscc, foreign_reg_no=foreign_reg_no)
    if not name_zh.strip():
        raise NameMissing
    only_editable(profile)
    profile.setdefault("invoice_title", name_zh.strip())
    with refusing(**taken(known)):
        organisation = Organisation.objects.create(
            code=next_code(),
            name_zh=name_zh.strip(),
            org_type=org_type,
            roles=[Organisation.Role.CUSTOMER],
            **known,
            **profile,
        )
    announce(
        OrganisationRegistered(occurred_at=now, actor_id=by.pk, organisation_id=organisation.pk, code=organisation.code)
    )
    return organisation


def taken(known: dict[str, str | None]) -> dict[str, Refusal]:
    """Return the refusals of an identity that someone else has, by constraint."""
    return {
        "organisation_uscc_is_unique": CreditCodeTaken(uscc=known["uscc"]),
        "organisation_foreign_number_is_unique": ForeignNumberTaken(
            foreign_reg_no=known["foreign_reg_no"], country=known["country"]
        ),
    }


@transaction.atomic
def edit(
    *,
    organisation: Organisation,
    by: User,
    now: datetime,
    uscc: str,
    country: str,
    foreign_reg_no: str,
    **profile: Any,
) -> Organisation:
    """
    Change an organisation's profile. A change of what was verified ends the verification.

    Raises:
        NameMissing, CreditCodeMissing, ForeignNumberMissing, Refusals: what identifies it is missing or wrong.
        CreditCodeTaken, ForeignNumberTaken: another organisation has that number.
    """
    only_editable(profile)
    if not profile.get("name_zh", organisation.name_zh).strip():
        raise NameMissing
    known = identity(country=country, uscc=uscc, foreign_reg_no=foreign_reg_no)
    [current] = lock(Organisation.objects.filter(pk=organisation.pk))
    wanted = {**profile, **known}
    changed = {field for field, value in wanted.items() if getattr(current, field) != value}
    for field in changed:
        setattr(current, field, wanted[field])
    lost = rules.ends_verification(changed, current.verification)
    if lost:
        current.verification = Organisation.Verification.UNVERIFIED
        current.verified_at = None
        current.submitted_at = None
    with refusing(**taken(known)):
        current.save()
    announce(
        OrganisationEdited(
            occurred_at=now,
            actor_id=by.pk,
            organisation_id=current.pk,
            changed=tuple(sorted(changed)),
            verification_lost=lost,
        )
    )
    return current


@transaction.atomic
def record_taxpayer_type(
    *, organisation: Organisation, taxpayer_type: str, valid_from: date, by: User, now: datetime
) -> TaxpayerStatus:
    """
    Note what kind of taxpayer an organisation is from a day on; what held before stays known.

    Raises:
        TaxpayerTypeAlreadyRecorded: a type is recorded from that very day.
    """
    with refusing(taxpayer_status_one_a_day=TaxpayerTypeAlreadyRecorded(valid_from=valid_from)):
        status = TaxpayerStatus.objects.create(
            organisation=organisation, taxpayer_type=taxpayer_type, valid_from=valid_from
        )
    announce(
        TaxpayerTypeRecorded(
            occurred_at=now,
            actor_id=by.pk,
            organisation_id=organisation.pk,
            taxpayer_type=taxpayer_type,
            valid_from=valid_from,
        )
    )
    return status


@transaction.atomic
def set_terms(
    *,
    organisation: Organisation,
    roles: Collection[str],
    monthly_credit_fen: int,
    suspended_until: datetime | None,
    by: User,
    now: datetime,
) -> Organisation:
    """
    Say what an organisation is here for, how much it may owe, and until when it may not book.

    Only the platform's operator does this; an organisation's own people cannot.

    Raises:
        RoleUnknown: no organisation has such a role.
        CreditNegative: the limit is below nothing.
    """
    if unknown := sorted(set(roles) - set(Organisation.Role.values)):
        raise RoleUnknown(role=unknown[0])
    if monthly_credit_fen < 0:
        raise CreditNegative
    [current] = lock(Organisation.objects.filter(pk=organisation.pk))
    current.roles = [role for role in Organisation.Role.values if role in roles]
    current.monthly_credit_fen = monthly_credit_fen
    if suspended_until != current.suspended_until:
        current.suspended_until, current.suspended_for = suspended_until, ""
    current.save(update_fields=["roles", "monthly_credit_fen", "suspended_until", "suspended_for"])
    announce(
        OrganisationTermsSet(
            occurred_at=now,
            actor_id=by.pk,
            organisation_id=current.pk,
            roles=tuple(current.roles),
            monthly_credit_fen=monthly_credit_fen,
            suspended_until=suspended_until,
        )
    )
    return current
