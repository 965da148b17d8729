"""One person's choice of a time on one instrument, as the booking card shows it; shared by looking and by holding."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils.http import urlencode

from accounts.models import Membership
from bookings.availability import consents
from bookings.availability.queries import Terms
from bookings.availability.rules import SELF, Facts
from bookings.discovery.forms import WishForm
from bookings.discovery.queries import offers
from kernel.refusals import Refusal, Refusals
from labs.catalogue.consents import Consent
from labs.models import Instrument


@dataclass(frozen=True, slots=True)
class Choice:
    """
    The state of the booking card: what is chosen, the free starts of the day, the offer.

    `form` is None for an instrument that has no price list or policy. `refused` are refusals that only an attempt
    brings to light (someone was faster, the price has changed); `key` makes the next attempt one request.
    """

    instrument: Instrument
    terms: Terms | None
    form: WishForm | None
    day: date | None = None
    starts: tuple[offers.Start, ...] = ()
    offer: offers.Offer | None = None
    refused: tuple[Refusal, ...] = ()
    key: str = ""

    @property
    def query(self) -> str:
        """The choice as a query, for links back to it."""
        if self.form is None or not self.form.is_bound:
            return ""
        fields = {name: self.form.data.get(name, "") for name in ("date", "start", "minutes", "mode")}
        return urlencode({name: value for name, value in fields.items() if value})

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
    def consents(self) -> list[Consent]:
        """What must be agreed to before the chosen time is held (CAL-2)."""
        if self.terms is None or self.offer is None:
            return []
        return consents.needed(self.terms.facts, self.offer.wish)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """All that stands against it now."""
        if self.offer is None or not self.offer.refusals:
            return self.refused
        return self.offer.refusals


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
    found = offers.terms_for(instrument, data, member=member, now=now)
    against = _each(refused)
    if found is None:
        return Choice(instrument, None, None, refused=against)
    first, last = offers.days_of(found.facts, now)
    look = {} if is_exact else offers.first_look(found, now)
    chosen = {**{name: str(value) for name, value in look.items()}, **{k: data[k] for k in data if data[k]}}
    form = WishForm(chosen, facts=found.facts, first=first, last=last)
    if not form.is_valid():
        return Choice(instrument, found, form, refused=against)
    day, minutes, mode = (form.cleaned_data[name] for name in ("date", "minutes", "mode"))
    wish = form.wish()
    return Choice(
        instrument=instrument,
        terms=found,
        form=form,
        day=day,
        starts=tuple(offers.starts_on(found, day, minutes=minutes, mode=mode, now=now)),
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
