"""One person's choice of a time on one instrument, as the booking card shows it; shared by looking and by holding."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.http import QueryDict
from django.utils.http import urlencode

from accounts.models import Membership
from bookings.availability import consents
from bookings.availability.queries import Terms
from bookings.availability.rules import SELF, Facts
from bookings.discovery.forms import WishForm
from bookings.discovery.queries import offers, weeks
from kernel.refusals import Refusal, Refusals
from labs.catalogue.consents import Consent
from labs.models import Instrument

GIVEN_BACK = frozenset(
    {
        "CAPACITY_EXCEEDED", "ROOM_BUSY", "NO_QUALIFIED_OPERATOR", "PROFILE_CONFLICT", "MAINTENANCE", "EXTERNAL_BUSY",
        "SME_RESERVE",
    }
)  # fmt: skip
"""Refusals that others undo when they give their time back: one may wait for that."""

DETAILS = ("minutes", "mode", "units", "profile", "used_by")


@dataclass(frozen=True, slots=True)
class OtherMode:
    """The chosen time in another mode of use, as a query."""

    mode: str
    query: str


@dataclass(frozen=True, slots=True)
class Choice:
    """
    The state of the booking card: what is chosen, the free starts of the day, the offer.

    `form` is None for an instrument that has no price list or policy. `refused` are refusals that only an attempt
    brings to light (someone was faster, the price has changed); `key` makes the next attempt one request. `pieces` are
    the day's hours and why some of them cannot be booked (BK-24).
    """

    instrument: Instrument
    terms: Terms | None
    form: WishForm | None
    day: date | None = None
    starts: tuple[offers.Start, ...] = ()
    pieces: tuple[weeks.Told, ...] = ()
    offer: offers.Offer | None = None
    refused: tuple[Refusal, ...] = ()
    key: str = ""

    @property
    def details(self) -> list[tuple[str, str]]:
        """What is chosen beside day and start, as fields of a form: length, mode, positions, condition, who, what."""
        if self.form is None or not self.form.is_valid():
            return []
        cleaned = self.form.cleaned_data
        told = [(name, str(cleaned[name])) for name in DETAILS if cleaned.get(name) not in (None, "")]
        return told + [("materials", code) for code in cleaned.get("materials", ())]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """All that is chosen, as fields of a form."""
        if self.form is None or not self.form.is_valid():
            return []
        day, start = self.form.cleaned_data["date"], self.form.cleaned_data.get("start")
        return [("date", day.isoformat()), *([("start", f"{start:%H:%M}")] if start else []), *self.details]

    @property
    def query(self) -> str:
        """The choice as a query, for links back to it."""
        return urlencode(self.fields)

    @property
    def wanted(self) -> str:
        """The choice without its start, for links that choose another."""
        return urlencode(self.details)

    @property
    def other_modes(self) -> list[OtherMode]:
        """The same time in the modes that are offered beside the chosen one, but for one's own."""
        if self.form is None or not self.form.is_valid():
            return []
        chosen = self.form.cleaned_data["mode"]
        others = [mode for mode, _label in self.form.modes if mode not in (SELF, chosen)]
        return [
            OtherMode(mode, urlencode([(name, mode if name == "mode" else value) for name, value in self.fields]))
            for mode in others
        ]

    @property
    def may_be_waited_for(self) -> bool:
        """Whether the chosen time may become free (BK-19)."""
        return any(refusal.code in GIVEN_BACK for refusal in self.refusals)

    @property
    def lacks_qualification(self) -> bool:
        """Whether the person may not operate it alone on that day, however free it is (BK-11)."""
        if self.terms is None or self.form is None or self.form.cleaned_data.get("mode") != SELF:
            return False
        facts = self.terms.facts
        until = facts.qualified_until
        return facts.needs_qualification and (
            until is None or (self.day is not None and until <= _noon(self.day, facts))
        )

    @property
    def needs_approval(self) -> bool:
        """Whether the lab approves what is chosen before it is confirmed."""
        mode = self.form.cleaned_data.get("mode", "") if self.form else ""
        return self.terms is not None and self.terms.facts.needs_approval(mode)

    @property
    def consents(self) -> list[Consent]:
        """What must be agreed to before the chosen time is held (CAL-2)."""
        if self.terms is None or self.offer is None:
            return []
        return consents.needed(self.terms.facts, self.offer.wish)

    @property
    def unannounced_year(self) -> int | None:
        """The year of the chosen time whose holidays are not announced yet: the lab may turn out closed (BK-23)."""
        return self.terms.unannounced_year(self.offer.wish.period) if self.terms and self.offer else None

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """All that stands against it now."""
        if self.offer is None or not self.offer.refusals:
            return self.refused
        return self.offer.refusals


def asked(query: QueryDict) -> dict[str, Any]:
    """Return what a query (or a posted form) says, each field once but for the materials."""
    return {**query.dict(), "materials": query.getlist("materials")}


def colleagues(member: Membership | None) -> list[tuple[int, str]]:
    """Return who may be named as the one who will use it: the member first, then the organisation's other people."""
    if member is None or not member.may_book:
        return []
    people = Membership.objects.visible_to(member).active().select_related("user").order_by("user__name", "pk")
    named = [(one.user_id, one.user.name or one.user.email) for one in people]
    return sorted(named, key=lambda one: one[0] != member.user_id)


def who_uses_it(data: Mapping[str, Any], people: Sequence[tuple[int, str]]) -> int | None:
    """Return the key of the colleague whom a form names, where it is one."""
    named = str(data.get("used_by") or "")
    return int(named) if named in {str(pk) for pk, _name in people} else None


def choose(
    instrument: Instrument,
    data: Mapping[str, Any],
    *,
    member: Membership | None,
    now: datetime,
    refused: Refusal | None = None,
    is_exact: bool = False,
) -> Choice:
    """
    Return the choice that a query (or a posted form) makes.

    What a query leaves open is the first look's; an exact choice leaves nothing open, or is not valid.
    """
    people = colleagues(member)
    found = offers.terms_for(instrument, data, member=member, now=now, used_by=who_uses_it(data, people))
    against = _each(refused)
    if found is None:
        return Choice(instrument, None, None, refused=against)
    first, last = offers.days_of(found.facts, now)
    look = {} if is_exact else offers.first_look(found, now)
    chosen = {**{name: str(value) for name, value in look.items()}, **{k: data[k] for k in data if data[k]}}
    form = WishForm(chosen, facts=found.facts, instrument=instrument, colleagues=people, first=first, last=last)
    if not form.is_valid():
        return Choice(instrument, found, form, refused=against)
    day, minutes, mode = (form.cleaned_data[name] for name in ("date", "minutes", "mode"))
    wish = form.wish()
    return Choice(
        instrument=instrument,
        terms=found,
        form=form,
        day=day,
        starts=tuple(offers.starts_on(found, day, minutes=minutes, mode=mode, now=now, **form.details())),
        pieces=tuple(weeks.told(instrument, day=day, member=member, now=now)),
        offer=offers.offer(instrument, found, wish, member=member, now=now) if wish else None,
        refused=against,
        key=uuid.uuid4().hex,
    )


def _noon(day: date, facts: Facts) -> datetime:
    return datetime.combine(day, time(12), facts.zone)


def _each(refused: Refusal | None) -> tuple[Refusal, ...]:
    if isinstance(refused, Refusals):
        return tuple(refused.refusals)
    return () if refused is None else (refused,)
