"""Tasks in words: what is the matter, and what may be done about it."""

from datetime import datetime

from django.utils.translation import gettext as _

from bookings.tasks.models import Task
from kernel.periods import Period
from web import moments

Kind = Task.Kind


def matter(task: Task) -> str:
    """Return what is the matter, in the lab's time; empty where the kind says it all."""
    facts, tz = task.facts, task.lab.tz
    match task.kind:
        case Kind.CALIBRATION:
            gaps = (Period(*map(datetime.fromisoformat, gap)) for gap in facts.get("gaps", ()))
            return _("Not calibrated") + ": " + "; ".join(moments.period(gap, tz) for gap in gaps)
        case Kind.OUTAGE if "until" in facts:
            until = moments.instant(datetime.fromisoformat(facts["until"]), tz)
            return _("The instrument is out of service until {until}.").format(until=until)
        case Kind.CAPACITY if "capacity" in facts:
            return _("Units left: {capacity}.").format(capacity=facts["capacity"])
        case Kind.CUT_SHORT if "out_from" in facts:
            begins = moments.instant(datetime.fromisoformat(facts["out_from"]), tz)
            return _("The instrument goes out of service at {begins}.").format(begins=begins)
        case Kind.RUNS_OVER if "before" in facts:
            return _("{number} is still in use.").format(number=facts["before"])
        case Kind.UNUSABLE if "until" in facts:
            until = moments.instant(datetime.fromisoformat(facts["until"]), tz)
            return _("If nobody objects by {until}, nothing is owed.").format(until=until)
        case Kind.DAMAGE if "damage" in facts:
            return str(facts["damage"])
    return ""


def advice(task: Task) -> str:
    """Return what the lab may do, and what closes the task by itself."""
    return {
        Kind.CALIBRATION: _(
            "Have the instrument calibrated, agree on something else with the customer, or call the booking off. A new"
            " certificate closes this by itself."
        ),
        Kind.OUTAGE: _(
            "The customer has been told, and may choose another time or instrument. Move the booking with their"
            " consent, end the outage earlier, or call the booking off; each closes this by itself."
        ),
        Kind.CAPACITY: _(
            "The customer has been told, and may choose another time or instrument. Move the booking with their"
            " consent, offer the unit again, or call the booking off; each closes this by itself."
        ),
        Kind.HOURS: _(
            "The customer has been told, and may choose another time or instrument. Move the booking with their"
            " consent, open at its time all the same, or call the booking off; each closes this by itself."
        ),
        Kind.CUT_SHORT: _(
            "The customer has been told. Let the use end before, or interrupt it on its page when the time has come:"
            " the customer then chooses what becomes of the rest. A later outage closes this by itself."
        ),
        Kind.RUNS_OVER: _("Tell whoever comes next that they may have to wait. Their check-in closes this by itself."),
        Kind.OPERATOR: _(
            "Qualify somebody else or change who is away; whoever can is then assigned, and this closes by itself. Or"
            " move the booking with the customer's consent."
        ),
        Kind.UNUSABLE: _("Look at the data and object on the booking's page if you do not agree."),
        Kind.DAMAGE: _("Look at the instrument, take it out of service if need be, and agree with the customer."),
    }[Kind(task.kind)]
