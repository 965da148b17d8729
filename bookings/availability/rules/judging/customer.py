"""Rules about who asks: standing (BK-1, BK-15), mode of use, quotas (BK-12) and what is brought along (BK-16)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from bookings.availability.rules.facts import ASSISTED, SELF, TRAINING, Facts, Quota, Wish
from bookings.availability.rules.judging import saying
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.catalogue.rules import MATERIALS


class InstrumentUnavailable(Refusal):
    code = "INSTRUMENT_UNAVAILABLE"
    message = _("{instrument} cannot be booked at present.")
    cure = _("Choose a comparable instrument, or ask the lab when this one can be booked.")


class OrganisationSuspended(Refusal):
    code = "ORG_SUSPENDED"
    message = _("{organisation} may make no new bookings until {until}.")
    cure = _("From {until} on. You may appeal to the lab, or to the platform's operator.")
    status = 403


class ModeNotOffered(Refusal):
    code = "MODE_NOT_OFFERED"
    message = _("{instrument} is not offered in this mode of use.")
    cure = _("Offered: {offered}.")


class QuotaExceeded(Refusal):
    """BK-12: an organisation has all it may have at once."""

    code = "QUOTA_EXCEEDED"


class TooManyAhead(QuotaExceeded):
    message = _("{organisation} has {count} bookings ahead; {most} are allowed.")
    cure = _("One more as soon as one of them is past or cancelled.")


class TooManyHolds(QuotaExceeded):
    message = _("{organisation} has {count} times on hold; {most} are allowed at once.")
    cure = _("Confirm or release one of them first.")


class WeekUsedUp(QuotaExceeded):
    message = _("One customer may use {instrument} for {most} h a week; {left} h are left in week {week}.")
    cure = _("At most {left} h in week {week}, or another week.")


class NothingLeftThatWeek(WeekUsedUp):
    cure = _("Choose another week.")


class MaterialNotAllowed(Refusal):
    code = "MATERIAL_NOT_ALLOWED"
    message = _("{instrument} may not be used with: {materials}.")
    cure = _("Without it, or ask the lab; allowed here: {allowed}.")
    status = 422


MODES = {
    SELF: _("operated by yourself"),
    ASSISTED: _("with the lab's operator"),
    TRAINING: _("as training, with the lab's operator"),
}


def bookable(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-1: published, in a status that allows it, of an active lab."""
    return None if facts.is_bookable else InstrumentUnavailable(instrument=facts.instrument)


def in_good_standing(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-1, BK-15: the customer's organisation is not suspended."""
    if facts.suspended_until is None or facts.suspended_until <= now:
        return None
    until = saying.said(facts.suspended_until, facts)
    return OrganisationSuspended(organisation=facts.organisation, until=until)


def mode_offered(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """Offered in the mode asked for: on one's own, with an operator, or (where training is needed) as training."""
    if wish.mode in facts.modes:
        return None
    offered = saying.listed([str(name) for mode, name in MODES.items() if mode in facts.modes])
    return ModeNotOffered(instrument=facts.instrument, mode=wish.mode, offered=offered)


def few_bookings_ahead(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-12: fewer bookings ahead than the organisation may have; what has begun and goes on longer is not ahead."""
    quota = facts.quota
    if quota is None or quota.ahead < quota.most_ahead or wish.period.start <= now:
        return None
    return TooManyAhead(organisation=facts.organisation, count=quota.ahead, most=quota.most_ahead)


def few_holds(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-12: fewer holds at once than the organisation may have."""
    quota = facts.quota
    if quota is None or quota.most_holds is None or quota.holds < quota.most_holds:
        return None
    return TooManyHolds(organisation=facts.organisation, count=quota.holds, most=quota.most_holds)


def within_the_week(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-12: in each ISO week, lab time, no more than a customer's share; unattended runs do not count."""
    quota, most = facts.quota, facts.policy.week_max_minutes
    if quota is None or most is None or facts.is_unattended(wish.period):
        return None
    for week, minutes in _by_week(wish.period, facts):
        left = most - _spent(quota, week)
        if minutes > left:
            refusal = WeekUsedUp if left > 0 else NothingLeftThatWeek
            return refusal(
                instrument=facts.instrument,
                most=saying.hours(most),
                left=saying.hours(max(left, 0)),
                week=week.start.astimezone(facts.zone).isocalendar().week,
            )
    return None


def materials_allowed(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-16: every hazardous class that is declared is allowed on the instrument."""
    banned = [material for material in wish.materials if material not in facts.materials_allowed]
    if not banned:
        return None
    allowed = [name for name in MATERIALS if name in facts.materials_allowed]
    return MaterialNotAllowed(
        instrument=facts.instrument,
        materials=_named(banned),
        allowed=_named(allowed) or str(_("none")),
        classes=banned,
    )


def _named(materials: list[str]) -> str:
    return saying.listed([str(MATERIALS.get(one, one)) for one in materials])


def _by_week(period: Period, facts: Facts) -> list[tuple[Period, int]]:
    """Return the ISO weeks that a period lies in, each with the period's minutes in it."""
    monday = period.start.astimezone(facts.zone).date()
    monday -= timedelta(days=monday.weekday())
    found = []
    while (begins := facts.midnight(monday)) < period.end:
        monday += timedelta(days=7)
        week = Period(begins, facts.midnight(monday))
        if part := period.clipped(week):
            found.append((week, part.minutes))
    return found


def _spent(quota: Quota, week: Period) -> int:
    return sum(part.minutes for used in quota.spent if (part := used.clipped(week)) is not None)
