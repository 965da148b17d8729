"""Feeds by their address, and bookings as calendar events."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Membership
from bookings.calendars import rules
from bookings.calendars.models import FeedToken
from bookings.calendars.rules import Calendar, CalendarEvent, Place, Status
from bookings.rentals import rules as rental_rules
from bookings.rentals.models import Rental, RentalQuerySet
from kernel.periods import Period
from labs.models import Instrument, Lab
from web import moments

CERTAIN = (
    rental_rules.CONFIRMED,
    rental_rules.CHECKED_IN,
    rental_rules.INTERRUPTED,
    rental_rules.CHECKED_OUT,
    rental_rules.SETTLED,
)
"""States in which the booked time is, or was, really taken."""

SHOWN = {
    **dict.fromkeys(rental_rules.LAPSING, Status.TENTATIVE),
    **dict.fromkeys(CERTAIN, Status.CONFIRMED),
    rental_rules.NO_SHOW: Status.CONFIRMED,
    rental_rules.CANCELLED: Status.CANCELLED,
}
"""How a calendar shows each state of a rental; what is not here (expired, rejected) it does not show."""


READ = (
    "uuid",
    "number",
    "instrument",
    "mode",
    "period",
    "status",
    "held_until",
    "interrupted_at",
    "checked_out_at",
    "sequence",
    "created_at",
    "changed_at",
)
"""The columns of a rental that its event is made of."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a person is told of a feed: since when it answers, and when a program last asked."""

    created_at: datetime
    last_used_at: datetime | None


# --- Feeds and their addresses --------------------------------------------------------------------------------------


def feed_of(token: str) -> FeedToken | None:
    """Return the living feed that a token opens, with its owner, or None; in one statement."""
    return (
        FeedToken.objects.alive()
        .select_related("membership__user", "membership__organisation", "instrument__lab")
        .filter(token_hash=rules.token_hash(token))
        .first()
    )


def instrument_first_asked_for(token: str) -> Instrument | None:
    """
    Return the published instrument whose busy feed this token opens though it was never fetched before, or None.

    Note [A public feed has a derived token].
    """
    code = rules.instrument_named_in(token, secret=settings.SECRET_KEY)
    if code is None or FeedToken.objects.filter(token_hash=rules.token_hash(token)).exists():
        return None
    return Instrument.objects.published().select_related("lab").filter(code=code).first()


def feed_url(token: str) -> str:
    """Return the address of a feed; it names the platform's own host, for it stays in calendars for years."""
    return settings.PLATFORM_URL + reverse("calendars:feed", args=[token])


def busy_feed_url(instrument: Instrument) -> str:
    """Return the address at which anyone may fetch when an instrument is busy. It never changes."""
    return feed_url(rules.busy_token(instrument.code, secret=settings.SECRET_KEY))


def webcal(url: str) -> str:
    """Return the address as calendar programs of phones and desks take it: one tap subscribes."""
    return "webcal://" + url.partition("://")[2]


def own_subscription(member: Membership) -> Subscription | None:
    """Return what to tell a member of the feed of their own bookings, or None when there is none."""
    feed = FeedToken.objects.visible_to(member).alive().filter(kind=FeedToken.Kind.USER).first()
    return Subscription(created_at=feed.created_at, last_used_at=feed.last_used_at) if feed else None


# --- What they show -------------------------------------------------------------------------------------------------


def calendar_of(feed: FeedToken, *, source: str, now: datetime) -> Calendar:
    """
    Return what a feed shows today, in the language of its owner; `source` is the address it is fetched at.

    The clock decides which local days are covered and which holds have lapsed, and nothing else.
    """
    if feed.instrument is not None:
        return _busy_calendar(feed.instrument, source=source, now=now)
    assert feed.membership is not None  # noqa: S101 -- the constraint feed_belongs_to_whom_its_kind_says
    with translation.override(feed.membership.user.language):
        return _own_calendar(feed.membership, source=source, now=now)


def calendar_of_rental(rental: Rental, *, now: datetime) -> Calendar | None:
    """Return a calendar of one rental, or None when there is nothing to put into a calendar."""
    if rental.status_at(now) not in SHOWN:
        return None
    lab = rental.instrument.lab
    return Calendar(name=f"{rental.number} {rental.instrument.name}", tz=lab.timezone, events=(event_of(rental),))


def _own_calendar(member: Membership, *, source: str, now: datetime) -> Calendar:
    zone = ZoneInfo(settings.TIME_ZONE)
    since = rules.cancelled_since(now.astimezone(zone).date(), zone)
    theirs = Q(placed_by_id=member.user_id) | Q(used_by_id=member.user_id)
    told = _told(
        Rental.objects.visible_to(member).filter(theirs),
        zone,
        now,
        Q(status=rental_rules.NO_SHOW),
        Q(status=rental_rules.CANCELLED, cancelled_at__gte=since),
    )
    return Calendar(
        name=_("Gongheng · {organisation}").format(organisation=member.organisation.name),
        tz=settings.TIME_ZONE,
        source=source,
        events=tuple(event_of(rental) for rental in told),
    )


def _busy_calendar(instrument: Instrument, *, source: str, now: datetime) -> Calendar:
    """Busy times in both languages at once: nobody is known for whom one could be chosen."""
    with translation.override(settings.LANGUAGE_CODE):
        told = _told(Rental.objects.filter(instrument=instrument), instrument.lab.tz, now)
        events = rules.busy_only(map(event_of, told), secret=settings.SECRET_KEY)
    return Calendar(
        name=f"{rules.BUSY} · {instrument.name_zh} {instrument.code}",
        tz=instrument.lab.timezone,
        source=source,
        colour="slategray",
        events=events,
    )


def _told(rentals: RentalQuerySet, zone: ZoneInfo, now: datetime, *also: Q) -> RentalQuerySet:
    """
    Return the rentals that a feed tells: in its days, held and not lapsed, or certain, or `also`.

    Only what an event needs is read, and each instrument once: many bookings are of few instruments.
    """
    told = Q(status__in=CERTAIN) | Q(status__in=rental_rules.LAPSING, held_until__gt=now)
    for more in also:
        told |= more
    days = rules.window(now.astimezone(zone).date(), zone)
    of_days = rentals.filter(told, period__overlap=days.as_range()).order_by("period", "pk")
    return of_days.only(*READ).prefetch_related("instrument__lab")


def event_of(rental: Rental) -> CalendarEvent:
    """Return a rental as a calendar event, in the active language: for those who may see the rental."""
    lab, instrument = rental.instrument.lab, rental.instrument
    status = SHOWN[rental.status]
    url = f"{settings.PLATFORM_URL}/my/rentals/{rental.number}/"
    return CalendarEvent(
        uid=f"{rental.uuid}@{settings.PLATFORM_DOMAIN}",
        sequence=rental.sequence,
        period=_shown(rental),
        tz=lab.timezone,
        status=status,
        summary=_summary(instrument, status),
        created_at=rental.created_at,
        changed_at=rental.changed_at,
        description="\n".join(_description(rental, status, url)),
        location=", ".join(filter(None, (lab.name, lab.address_zh))),
        geo=_place(lab),
        url=url,
        categories=(_("Instrument rental"),),
        transparent=status == Status.CANCELLED,
    )


def _shown(rental: Rental) -> Period:
    """Return the time that a calendar shows: as booked, or to where a fault or an early check-out ended the use."""
    booked = rental.time
    ended = {
        rental_rules.INTERRUPTED: rental.interrupted_at,
        rental_rules.CHECKED_OUT: rental.checked_out_at,
        rental_rules.SETTLED: rental.checked_out_at,
    }.get(rental.status)
    return Period(booked.start, ended) if ended is not None and booked.holds(ended) and ended > booked.start else booked


def _summary(instrument: Instrument, status: Status) -> str:
    if status == Status.TENTATIVE:  # many calendars show what is tentative like what is certain
        return _("[To be confirmed] {instrument}").format(instrument=instrument.name)
    if status == Status.CANCELLED:
        return _("[Cancelled] {instrument}").format(instrument=instrument.name)
    return instrument.name


def _description(rental: Rental, status: Status, url: str) -> list[str]:
    instrument, lab = rental.instrument, rental.instrument.lab
    lines = [
        _("Booking {number}, {mode}").format(number=rental.number, mode=rental.get_mode_display()),
        _("Instrument: {instrument}").format(instrument=" ".join(filter(None, (instrument.code, instrument.model)))),
    ]
    if status == Status.TENTATIVE and rental.held_until:
        until = moments.instant(rental.held_until, lab.tz)
        lines.append(_("Kept for you until {instant}; confirm it before then.").format(instant=until))
    if lab.contact_phone:
        lines.append(_("Phone of the lab: {phone}").format(phone=lab.contact_phone))
    return [*lines, url]


def _place(lab: Lab) -> Place | None:
    return None if lab.lat is None or lab.lon is None else Place(latitude=lab.lat, longitude=lab.lon)
