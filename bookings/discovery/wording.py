"""How prices, terms and states are said to people: sentences and numbers, never codes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.pricing.rules import Rates
from billing.pricing.wording import band_name
from bookings.availability.rules import ASSISTED, SELF, TRAINING, Policy
from bookings.discovery.rules import DAY_TYPES, Reasons, clock
from kernel.money import Money
from labs.tariffs.wording import percent
from web import moments

MODES = {
    ASSISTED: gettext_lazy("The lab's operator runs it for me"),
    SELF: gettext_lazy("I operate it myself"),
    TRAINING: gettext_lazy("As training: the operator teaches me to run it"),
}
"""The modes of use, in the order they are offered."""


def length(minutes: int) -> str:
    """Return a length of time in words; whole days from two on are said in days."""
    if minutes >= 48 * 60 and minutes % (24 * 60) == 0:
        days = minutes // (24 * 60)
        return ngettext("{number} day", "{number} days", days).format(number=days)
    return moments.length(minutes)


def notice(minutes: int) -> str:
    """Return how long before the start a booking must be made."""
    return _("Needs {length} notice").format(length=length(minutes))


def reasons(policy: Policy, *, latest_day: str, is_bookable: bool) -> Reasons:
    """Return what is said of open time that is not offered."""
    return Reasons(
        past=_("Past"),
        too_soon=notice(policy.lead_time_min) if policy.lead_time_min else _("Past"),
        too_far=_("Bookings are open until {day}").format(day=latest_day),
        off=_("Cannot be booked") if is_bookable else _("The instrument cannot be booked at present"),
    )


@dataclass(frozen=True, slots=True)
class Term:
    """One of the terms of booking, under its heading."""

    name: str
    text: str


def terms_told(
    policy: Policy, *, span_closed: bool, needs_qualification: bool, modes: Iterable[str], bill_mode: str
) -> list[Term]:
    """Return the terms of booking an instrument, in words."""
    told = [
        Term(
            _("Length"),
            _("{least} to {most}, in steps of {grid}").format(
                least=length(policy.min_minutes), most=length(policy.max_minutes), grid=length(policy.slot_grid_min)
            ),
        ),
        Term(
            _("Notice"),
            _("At least {lead} ahead, at most {days} days ahead").format(
                lead=length(policy.lead_time_min), days=policy.advance_days
            )
            if policy.lead_time_min
            else _("At any time up to the start, at most {days} days ahead").format(days=policy.advance_days),
        ),
    ]
    if policy.pre_buffer_min or policy.post_buffer_min:
        told.append(
            Term(
                _("Buffers"),
                _("{before} before and {after} after are kept free for preparation and cleaning, at no charge").format(
                    before=length(policy.pre_buffer_min), after=length(policy.post_buffer_min)
                ),
            )
        )
    told.append(
        Term(
            _("Approval"),
            _("The lab approves each booking before it is confirmed")
            if policy.requires_approval
            else _("Not needed: a booking is confirmed at once"),
        )
    )
    told.append(Term(_("Operation"), _operation(set(modes), needs_qualification=needs_qualification)))
    if span_closed:
        told.append(Term(_("Unattended"), _("May run through the night and closed days; hand-over in opening hours")))
    if bill_mode == "metered":
        told.append(Term(_("Charged"), _("Quoted for the time booked; what was really used is settled afterwards")))
    if policy.week_max_minutes is not None:
        told.append(
            Term(
                _("Per customer"),
                _("At most {most} a week; runs through closed hours do not count").format(
                    most=length(policy.week_max_minutes)
                ),
            )
        )
    told.append(Term(_("Hold"), _("Kept for {length} while you decide").format(length=length(policy.hold_minutes))))
    return told


def _operation(modes: set[str], *, needs_qualification: bool) -> str:
    alone = (
        _("By yourself, with the qualification for this instrument")
        if needs_qualification
        else _("By yourself, no qualification needed")
    )
    told = alone if SELF in modes else _("The lab's operator runs it for you")
    if {SELF, ASSISTED} <= modes:
        told = _("{alone}; or the lab's operator runs it for you").format(alone=alone)
    if TRAINING in modes:
        told = _("{told}; training slots with an operator can be booked").format(told=told)
    return told


# --- Price lists -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BandTold:
    """An hour band in words: its name, when, on which days, at what rate, and how that compares."""

    name: str
    clock: str
    days: str
    rate: Money
    percent: str


def bands_told(rates: Rates) -> list[BandTold]:
    """Return the hour bands of a price list."""
    base = Money(rates.base_rate_fen_per_hour)
    return [
        BandTold(
            name=band_name(band.name, band.name_zh),
            clock=f"{clock(band.starts)}–{clock(band.ends)}",
            days=day_types_told(tuple(day for day in DAY_TYPES if day in band.day_types)),
            rate=base.basis_points(band.rate_bp),
            percent=percent(band.rate_bp),
        )
        for band in rates.bands
    ]


def day_types_told(day_types: tuple[str, ...]) -> str:
    """Return the names of day types: every day, where it is all of them."""
    if set(day_types) >= set(DAY_TYPES):
        return _("every day")
    names = {"workday": _("workdays"), "restday": _("rest days"), "holiday": _("public holidays")}
    return _(", ").join(names[day] for day in day_types)


@dataclass(frozen=True, slots=True)
class Fee:
    """Something that is charged beside the rate."""

    name: str
    amount: Money
    unit: str = ""


def fees_told(rates: Rates) -> list[Fee]:
    """Return what is charged beside the rate an hour."""
    fees = [
        Fee(_("Set-up"), Money(rates.setup_fee_fen), _("once")),
        Fee(_("Operator"), Money(rates.operator_fee_fen_per_hour), _("an hour, when the lab runs it")),
        Fee(_("Minimum charge"), Money(rates.min_charge_fen), _("for the use, before set-up and operator")),
    ]
    return [fee for fee in fees if fee.amount]
