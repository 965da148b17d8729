"""Rules about who operates: an operator of the lab (BK-10), or a person with the qualification (BK-11)."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.availability.rules.facts import SELF, Facts, Wish
from bookings.availability.rules.judging import saying
from bookings.availability.rules.judging.later import later_start
from kernel.refusals import Refusal


class NoQualifiedOperator(Refusal):
    code = "NO_QUALIFIED_OPERATOR"
    message = _("No operator who is qualified for {instrument} is there and free for all of that time.")
    cure = _("An operator is free from {free_from}.")
    otherwise = _("Choose another day, or ask the lab who could operate it.")


class NotQualified(Refusal):
    code = "NOT_QUALIFIED"
    message = _("To operate {instrument} oneself one needs its qualification on the day.")
    cure = _("Book it with an operator, or as a training slot.")
    status = 403


class QualificationEnds(NotQualified):
    message = _("The qualification for {instrument} is valid until {until}.")


def operator_free(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-10: a qualified operator is there and free: throughout, or at both ends of an unattended run."""
    if facts.is_attended(wish):
        return None
    return NoQualifiedOperator(instrument=facts.instrument, free_from=_operator_from(facts, wish))


def qualified(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-11: who operates it on their own holds its qualification through the end date."""
    if wish.mode != SELF or not facts.needs_qualification:
        return None
    until = facts.qualified_until
    if until is None:
        return NotQualified(instrument=facts.instrument)
    if wish.period.end <= until:
        return None
    return QualificationEnds(instrument=facts.instrument, until=saying.last_day(until, facts))


def _operator_from(facts: Facts, wish: Wish) -> str:
    """Return the next start, after somebody's work or leave ends, at which an operator could attend; empty for none."""
    edges = (
        edge
        for one in facts.operators
        for edge in (*(busy.end for busy in one.busy), *(works.start for works in one.works or ()))
    )
    return later_start(facts, wish, edges, passes=lambda period: facts.is_attended(replace(wish, period=period)))
