"""What happens to rentals later: the clock's part, and who is told. Each job may run twice, late, or at once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from bookings.rentals import events, operations, reminding
from bookings.rentals.events import RentalCancelled, RentalConfirmed, RentalEvent, RentalSubmitted
from bookings.rentals.models import Interruption, Rental
from kernel.periods import Period
from notices import facts
from notices import operations as notices
from notices.operations import Telling

QUEUE = "rentals"
AT_THE_DESK = (roles.LAB_MANAGER, roles.LAB_OPERATOR)
IN_CHARGE = (roles.OWNER, roles.LAB_MANAGER)


@app.periodic(cron="* * * * *", periodic_id="expire_lapsed")
@app.task(name="rentals.expire_lapsed", queue=QUEUE, queueing_lock="expire_lapsed", pass_context=False)
def expire_lapsed(timestamp: int) -> None:
    """Expire holds that have run out, which blocked no one before either (BK-18), and give their vouchers back."""
    del timestamp  # the minute it was meant for; holds follow the clock
    now = timezone.now()
    operations.expire_lapsed(now=now)
    operations.release_ended(now=now)


@app.periodic(cron="* * * * *", periodic_id="mark_no_shows")
@app.task(name="rentals.mark_no_shows", queue=QUEUE, queueing_lock="mark_no_shows", pass_context=False)
def mark_no_shows(timestamp: int) -> None:
    """Mark what nobody came to, call off what could not take place, and flag who has to wait for an overrun."""
    del timestamp
    now = timezone.now()
    operations.mark_no_shows(now=now)
    operations.call_off_missed(now=now)
    operations.flag_overruns(now=now)


@app.periodic(cron="*/10 * * * *", periodic_id="settle_due")
@app.task(name="rentals.settle_due", queue=QUEUE, queueing_lock="settle_due", pass_context=False)
def settle_due(timestamp: int) -> None:
    """Settle what was used two working days ago, and end interrupted uses whose customers did not choose."""
    del timestamp
    now = timezone.now()
    operations.abandon_unanswered(now=now)
    operations.settle_due(now=now)


@app.periodic(cron="*/5 * * * *", periodic_id="remind")
@app.task(name="rentals.remind", queue=QUEUE, queueing_lock="remind", pass_context=False)
def remind(timestamp: int) -> None:
    """Remind people, once each, of what begins, lapses or must be answered soon."""
    del timestamp
    reminding.remind(tell_reminder, now=timezone.now())


# --- Reactions: who is told -----------------------------------------------------------------------------------


def unless_of_series(reaction: Callable[[Any], None]) -> Callable[[Any], None]:
    """Leave out what is part of an act on a series: people are told of that once, as a whole (BK-21)."""

    @wraps(reaction)
    def told(event: RentalEvent) -> None:
        if event.series_id is None:
            reaction(event)

    return told


@unless_of_series
def tell_customer(event: RentalEvent) -> None:
    """Tell the person who placed the rental, and who comes; kind and letter are named after the event."""
    notices.tell_all([_to_customer(event, _told_of(event))])


@unless_of_series
def tell_managers(event: RentalSubmitted) -> None:
    """Tell the lab's managers that a rental waits for them."""
    notices.tell_all([_to_lab(event, _told_of(event, at_lab=IN_CHARGE))])


def tell_desk(event: RentalEvent) -> None:
    """Tell the lab's desk what the customer chose, or must be answered."""
    notices.tell_all([_to_lab(event, _told_of(event, at_lab=AT_THE_DESK))])


@unless_of_series
def tell_customer_and_lab(event: RentalConfirmed | RentalCancelled | RentalEvent) -> None:
    """Tell the person who placed the rental and who comes, and the lab's desk; who did it knows."""
    rental = _told_of(event, at_lab=AT_THE_DESK)
    if isinstance(event, RentalConfirmed) and rental["was_asked"]:
        notices.see_done(event)
    notices.tell_all([_to_customer(event, rental), _to_lab(event, rental)])


def tell_cancelled(event: RentalCancelled) -> None:
    """Tell both sides that a rental is off; of a mere hold the lab never heard, and who let it go knows."""
    if event.was_asked_for:
        tell_customer_and_lab(event)
    elif event.by_lab:
        tell_customer(event)


def tell_awaits_payment(event: events.RentalAwaitsPayment) -> None:
    """Tell whoever pays by transfer until when the money must be there; whoever pays online is at the till."""
    if event.pays_by == Rental.Payment.TRANSFER:
        tell_customer(event)


def tell_expired(event: events.RentalExpired) -> None:
    """Tell the customer that nobody approved or paid in time; who let a mere hold run out knows."""
    if event.was_asked_for:
        tell_customer(event)


def tell_needs_rebooking(event: events.RentalNeedsRebooking) -> None:
    """Tell the customer, once, that a rental cannot take place as booked."""
    if event.is_news:
        notices.tell_all([_to_customer(event, _told_of(event))])


def tell_handed_over(event: events.RentalHandedOver) -> None:
    """Tell the colleague who comes now, and the lab's desk."""
    rental = _told_of(event, at_lab=AT_THE_DESK)
    theirs = {**rental, "placed_by_id": event.to_user_id, "used_by_id": None}
    notices.tell_all([_to_customer(event, theirs), _to_lab(event, rental)])


def tell_who_waits(event: events.RentalRunsOver) -> None:
    """Tell the customer of the next booking that the one before runs over."""
    following = Rental.objects.values_list("number", flat=True).get(pk=event.next_rental_id)
    waiting = events.RentalEvent(
        occurred_at=event.occurred_at,
        actor_id=event.actor_id,
        organisation_id=event.organisation_id,
        rental_id=event.next_rental_id,
        number=following,
    )
    rental = _told_of(waiting)
    notices.tell_all(
        [_telling(waiting, rental, "rental_runs_over", _users(rental), rental["organisation_id"], page=OWN)]
    )


def tell_reminder(reminder: reminding.Due, now: datetime) -> None:
    """Remind the customer; the kind is named after what is due."""
    event = RentalEvent(
        occurred_at=now,
        actor_id=None,
        organisation_id=None,
        rental_id=reminder.rental_id,
        number=reminder.number,
    )
    rental = _told_of(event)
    kind, users, organisation_id = f"rental_{reminder.kind}", _users(rental), rental["organisation_id"]
    telling = _telling(event, rental, kind, users, organisation_id, page=OWN, until=reminder.for_at)
    notices.tell_all([telling])


TOLD = """
SELECT rental.number, rental.period, rental.held_until, rental.placed_by_id, rental.used_by_id, rental.organisation_id,
    organisation.name_zh AS organisation__name_zh, organisation.name_en AS organisation__name_en,
    instrument.name_zh AS instrument__name_zh, instrument.name_en AS instrument__name_en,
    lab.organisation_id AS instrument__lab__organisation_id, lab.timezone AS instrument__lab__timezone,
    ARRAY(
        SELECT member.user_id FROM accounts_membership member JOIN accounts_user person ON person.id = member.user_id
        WHERE member.organisation_id = lab.organisation_id AND member.role = ANY (%s)
            AND member.is_active AND person.is_active AND member.user_id IS DISTINCT FROM %s
    ) AS staff,
    EXISTS (
        SELECT 1 FROM notices_notice notice
        WHERE notice.about = 'rental:' || rental.id AND notice.about <> '' AND notice.read_at IS NULL
    ) AS was_asked
FROM bookings_rental rental
JOIN accounts_organisation organisation ON organisation.id = rental.organisation_id
JOIN labs_instrument instrument ON instrument.id = rental.instrument_id
JOIN labs_lab lab ON lab.id = instrument.lab_id
WHERE rental.id = %s
"""


def _told_of(event: RentalEvent, *, at_lab: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """
    Return what is told of a rental, and as `staff` who of the lab in some roles hears it: who did it knows.

    `was_asked`: somebody has an unread notice about it.

    One statement of few columns, on the way of every confirmation: see Note [Rows by hand].
    """
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [list(at_lab), event.actor_id, event.rental_id])
        names = [column.name for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchone(), strict=True))


OWN, DESK = "rentals:rental", "board:booking"
"""The pages on which a customer, and the lab, see a rental."""


def _users(rental: Mapping[str, Any]) -> list[int]:
    """Return who hears of a rental for its customer: who placed it, and who comes."""
    return [key for key in (rental["placed_by_id"], rental["used_by_id"]) if key is not None]


def _to_customer(event: RentalEvent, rental: Mapping[str, Any]) -> Telling:
    return _telling(event, rental, event.name(), _users(rental), rental["organisation_id"], page=OWN)


def _to_lab(event: RentalEvent, rental: Mapping[str, Any]) -> Telling:
    kind, organisation_id = f"{event.name()}_lab", rental["instrument__lab__organisation_id"]
    return _telling(event, rental, kind, rental["staff"], organisation_id, page=DESK)


def _telling(
    event: RentalEvent,
    rental: Mapping[str, Any],
    kind: str,
    users: list[int],
    organisation_id: int,
    *,
    page: str,
    until: datetime | None = None,
) -> Telling:
    tz = ZoneInfo(rental["instrument__lab__timezone"])
    told: dict[str, Any] = {
        "rental_id": event.rental_id,
        "number": rental["number"],
        "instrument": facts.name(rental["instrument__name_zh"], rental["instrument__name_en"]),
        "organisation": facts.name(rental["organisation__name_zh"], rental["organisation__name_en"]),
        "time": facts.stretch(Period.from_range(rental["period"]), tz),
    }
    ends = until or _until(event) or rental["held_until"]
    if ends is not None:
        told["until"] = facts.instant(ends, tz)
    if event.reason:
        told["reason"] = event.reason
    return Telling(
        users=users,
        kind=kind,
        facts=told | _more(event, tz),
        link=reverse(page, kwargs={"number": rental["number"]}),
        letter=f"bookings/rentals/mail/{kind}.txt",
        organisation_id=organisation_id,
        occurred_at=event.occurred_at,
        about=f"rental:{event.rental_id}",
        actor_id=event.actor_id,
    )


def _until(event: RentalEvent) -> datetime | None:
    """Return until when something must be answered, where an event says so."""
    match event:
        case events.RentalUnusable():
            return datetime.fromisoformat(event.object_until)
        case events.RentalMoveOffered():
            asked = Rental.objects.values_list("move_offers__expires_at", flat=True)
            return asked.filter(pk=event.rental_id, move_offers__outcome="open").first()
        case events.RentalInterrupted():
            due = Interruption.objects.filter(rental_id=event.rental_id, ended_at__isnull=True)
            return due.values_list("choice_due_at", flat=True).first()
    return None


def _more(event: RentalEvent, tz: ZoneInfo) -> dict[str, Any]:
    """Return the facts particular to an event, as a notice tells them."""
    match event:
        case events.RentalRescheduled():
            return {"before": facts.stretch(Period(*map(datetime.fromisoformat, event.before)), tz)}
        case events.RentalMoveOffered():
            offered = Period(datetime.fromisoformat(event.start), datetime.fromisoformat(event.end))
            return {"offered": facts.stretch(offered, tz)}
        case events.RentalExtended():
            return {"end": facts.instant(datetime.fromisoformat(event.until), tz)}
        case events.RentalRebooked():
            return {"new_number": event.new_number}
        case events.RentalInterrupted():
            return {"fault": event.fault}
        case events.RentalCutShort():
            return {"end": facts.instant(datetime.fromisoformat(event.out_from), tz)}
    return {}
