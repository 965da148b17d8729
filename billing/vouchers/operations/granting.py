"""Programmes are drafted and opened, organisations apply, and are given vouchers (领券)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import District, Membership, Organisation
from billing.vouchers import events, queries, rules
from billing.vouchers.models import Grant, Programme, VoucherApplication
from billing.vouchers.operations.refusals import (
    ApplicationDecided,
    ApplicationWaits,
    BudgetCommitted,
    GrantEndsWrong,
    GrantTooLarge,
    ProgrammeCodeTaken,
    ProgrammeWrong,
    ReasonMissing,
)
from billing.vouchers.operations.steps import actor, lock_organisation, lock_programme, refuse_for
from kernel.events import announce
from kernel.locks import lock
from kernel.money import Money
from kernel.refusals import refusing
from labs.models import Lab

EDITABLE = (
    "name_zh",
    "name_en",
    "terms_zh",
    "terms_en",
    "kinds",
    "sizes",
    "valid_from",
    "valid_to",
    "cover_bp",
    "per_order_cap_fen",
    "yearly_cap_fen",
    "budget_fen",
    "is_stackable",
    "urgent_eligible",
    "invoice_content",
)


@transaction.atomic
def add_programme(
    *,
    code: str,
    issuer: Organisation,
    fields: Mapping[str, Any],
    districts: Iterable[District],
    labs: Iterable[Lab],
    by: Membership | None,
    now: datetime,
) -> Programme:
    """
    Draft a programme; nobody else sees it before it is opened.

    Raises:
        ProgrammeCodeTaken: there is one of that code.
        ProgrammeWrong: it ends before it begins.
    """
    _check_days(fields["valid_from"], fields["valid_to"])
    with refusing(voucher_programme_code_is_unique=ProgrammeCodeTaken):
        made = Programme.objects.create(code=code, issuer=issuer, **{name: fields[name] for name in EDITABLE})
    made.districts.set(districts)
    made.labs.set(labs)
    announce(events.ProgrammeAdded(**_about(made, by, now)))
    return made


def _check_days(valid_from: date, valid_to: date) -> None:
    if valid_to < valid_from:
        raise ProgrammeWrong(why=f"{valid_from} > {valid_to}")


def _about(programme: Programme, by: Membership | None, now: datetime) -> dict[str, Any]:
    organisation_id = by.organisation_id if by else None
    return {
        "occurred_at": now,
        "actor_id": actor(by),
        "organisation_id": organisation_id,
        "programme_id": programme.pk,
    }


@transaction.atomic
def edit_programme(
    *,
    programme: Programme,
    fields: Mapping[str, Any],
    districts: Iterable[District],
    labs: Iterable[Lab],
    by: Membership,
    now: datetime,
) -> Programme:
    """
    Change what a programme demands and gives from now on; what is reserved stays as it was reserved.

    Raises:
        BudgetCommitted: the budget would fall below what is reserved and paid.
        ProgrammeWrong: it would end before it begins.
    """
    programme = lock_programme(programme.pk)
    _check_days(fields["valid_from"], fields["valid_to"])
    if fields["budget_fen"] < programme.committed_fen:
        raise BudgetCommitted(committed=str(Money(programme.committed_fen)))
    changed = [name for name in EDITABLE if getattr(programme, name) != fields[name]]
    for name in changed:
        setattr(programme, name, fields[name])
    programme.save(update_fields=list(EDITABLE))
    for name, rows in (("districts", list(districts)), ("labs", list(labs))):
        related = getattr(programme, name)
        if set(related.values_list("pk", flat=True)) != {row.pk for row in rows}:
            related.set(rows)
            changed.append(name)
    if changed:
        announce(events.ProgrammeEdited(**_about(programme, by, now), changed=tuple(changed)))
    return programme


@transaction.atomic
def set_state(*, programme: Programme, state: str, by: Membership | None, now: datetime) -> Programme:
    """
    Open a programme, or close it: nothing more is granted or reserved then, what is reserved is still paid.

    Raises:
        ProgrammeWrong: a draft is no state to return to, or it is in that state already.
    """
    programme = lock_programme(programme.pk)
    before = programme.state
    if state == before or state == Programme.State.DRAFT:
        raise ProgrammeWrong(why=str(programme.get_state_display()))
    programme.state = state
    programme.save(update_fields=["state"])
    announce(events.ProgrammeStateSet(**_about(programme, by, now), before=before, after=state))
    return programme


@transaction.atomic
def issue_grant(
    *,
    programme: Programme,
    organisation: Organisation,
    face: Money,
    expires_on: date,
    by: Membership | None,
    now: datetime,
) -> Grant:
    """
    Give an organisation a voucher of a programme, until a day (inclusive); the budget is not touched before it is used.

    Raises:
        ProgrammeClosed, VoucherOver, NotVerified, SizeNotEligible, DistrictNotEligible: it may not have one.
        GrantTooLarge: with what it was granted this year, more than the yearly cap.
        GrantEndsWrong: before today, or after the programme.
        Busy: others held the organisation for too long.
    """
    organisation, programme = lock_organisation(organisation.pk), lock_programme(programme.pk)
    return _issue(programme, organisation, face, expires_on, by=by, now=now)


def _issue(
    programme: Programme,
    organisation: Organisation,
    face: Money,
    expires_on: date,
    *,
    by: Membership | None,
    now: datetime,
    application: VoucherApplication | None = None,
) -> Grant:
    today = rules.local_day(now)
    refuse_for(rules.may_hold(queries.terms_of(programme), queries.party_of(organisation), today=today))
    if not max(today, programme.valid_from) <= expires_on <= programme.valid_to:
        raise GrantEndsWrong(valid_to=programme.valid_to)
    left = programme.yearly_cap_fen - queries.granted_in_year(programme, organisation, today.year)
    if not 0 < face.fen <= left:
        raise GrantTooLarge(left=str(Money(max(left, 0))))
    made = Grant.objects.create(
        programme=programme,
        organisation=organisation,
        face_fen=face.fen,
        left_fen=face.fen,
        expires_on=expires_on,
        issued_at=now,
        issued_by_id=actor(by),
    )
    about = _about(programme, by, now) | {"organisation_id": organisation.pk}
    announce(events.VoucherGranted(**about, grant_id=made.pk, application_id=application.pk if application else None))
    return made


# --- Applications -----------------------------------------------------------------------------------------------------


@transaction.atomic
def apply(*, programme: Programme, wanted: Money, purpose: str, by: Membership, now: datetime) -> VoucherApplication:
    """
    Ask for a voucher of a programme for the member's organisation.

    Raises:
        ProgrammeClosed, VoucherOver, NotVerified, SizeNotEligible, DistrictNotEligible: it may not have one.
        GrantTooLarge: more than the yearly cap leaves.
        ApplicationWaits: one waits already.
    """
    organisation = lock_organisation(by.organisation_id)
    today = rules.local_day(now)
    refuse_for(rules.may_hold(queries.terms_of(programme), queries.party_of(organisation), today=today))
    left = programme.yearly_cap_fen - queries.granted_in_year(programme, organisation, today.year)
    if not 0 < wanted.fen <= left:
        raise GrantTooLarge(left=str(Money(max(left, 0))))
    with refusing(voucher_application_one_waits=ApplicationWaits):
        made = VoucherApplication.objects.create(
            programme=programme,
            organisation=organisation,
            wanted_fen=wanted.fen,
            purpose=purpose,
            applied_at=now,
            applied_by=by.user,
        )
    about = _about(programme, by, now)
    announce(events.VoucherApplied(**about, application_id=made.pk))
    return made


def _decide(application: VoucherApplication, state: str, *, by: Membership, now: datetime) -> VoucherApplication:
    """Lock an application that still waits, and give it its state; it is not saved yet."""
    (found,) = lock(VoucherApplication.objects.filter(pk=application.pk))
    if found.state != VoucherApplication.State.SUBMITTED:
        raise ApplicationDecided(state=str(found.get_state_display()))
    found.state, found.decided_at, found.decided_by_id = state, now, by.user_id
    return found


@transaction.atomic
def grant_application(
    *, application: VoucherApplication, face: Money, expires_on: date, by: Membership, now: datetime
) -> Grant:
    """
    Give an organisation the voucher it asked for, of the amount and until the day decided.

    Raises:
        ApplicationDecided: it was decided or withdrawn before.
        ProgrammeClosed, ..., GrantTooLarge, GrantEndsWrong, Busy: as `issue_grant`.
    """
    organisation, programme = lock_organisation(application.organisation_id), lock_programme(application.programme_id)
    found = _decide(application, VoucherApplication.State.GRANTED, by=by, now=now)
    found.grant = _issue(programme, organisation, face, expires_on, by=by, now=now, application=found)
    found.save(update_fields=["state", "decided_at", "decided_by", "grant"])
    return found.grant


@transaction.atomic
def decline(*, application: VoucherApplication, reason: str, by: Membership, now: datetime) -> VoucherApplication:
    """
    Give nothing, and say why.

    Raises:
        ReasonMissing: nothing is said.
        ApplicationDecided: it was decided or withdrawn before.
    """
    if not reason.strip():
        raise ReasonMissing
    found = _decide(application, VoucherApplication.State.DECLINED, by=by, now=now)
    found.reason = reason.strip()
    found.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    about = _about(found.programme, by, now) | {"organisation_id": found.organisation_id}
    announce(events.VoucherDeclined(**about, reason=found.reason, application_id=found.pk))
    return found


@transaction.atomic
def withdraw(*, application: VoucherApplication, by: Membership, now: datetime) -> VoucherApplication:
    """
    Ask no longer.

    Raises:
        ApplicationDecided: it was decided or withdrawn before.
    """
    found = _decide(application, VoucherApplication.State.WITHDRAWN, by=by, now=now)
    found.save(update_fields=["state", "decided_at", "decided_by"])
    announce(events.VoucherApplicationWithdrawn(**_about(found.programme, by, now), application_id=found.pk))
    return found


@transaction.atomic
def warn(*, now: datetime) -> int:
    """Have told whose vouchers end soon with something left: once 30 days before, and once 7; return how many."""
    today = rules.local_day(now)
    horizon = today + timedelta(days=max(rules.WARNED_BEFORE))
    ending = Grant.objects.usable_on(today).filter(expires_on__lte=horizon).order_by("pk")
    told = 0
    for grant in lock(ending):
        days = rules.warning_due(expires_on=grant.expires_on, today=today, warned_days=grant.warned_days)
        if days is None:
            continue
        grant.warned_days = days
        grant.save(update_fields=["warned_days"])
        announce(
            events.VoucherExpiresSoon(
                occurred_at=now,
                actor_id=None,
                organisation_id=grant.organisation_id,
                programme_id=grant.programme_id,
                grant_id=grant.pk,
                days=days,
            )
        )
        told += 1
    return told
