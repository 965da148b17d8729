"""What a lab's desk reads of its people."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Membership
from labs.catalogue.models import InstrumentGroup
from labs.hours import rules
from labs.staff.models import Operator, OperatorHours, OperatorLeave, OperatorQualification, UserQualification


def week_of(operator: Operator) -> dict[str, Any]:
    """Return an operator's week as its history tells it: windows in minutes by day."""
    week: dict[str, Any] = {str(day): [] for day in range(rules.HOLIDAY_HOURS + 1)}
    for window in OperatorHours.objects.filter(operator=operator).order_by("day", "begins_minute"):
        week[str(window.day)].append([window.begins_minute, window.ends_minute])
    return week


def operators(member: Membership, now: datetime) -> QuerySet[Operator]:
    """Return the operators of the member's labs, those who are there first, with what they may run and leaves ahead."""
    today = now.date()
    theirs = Operator.objects.filter(lab__organisation_id=member.organisation_id).select_related("lab", "user")
    leaves = OperatorLeave.objects.filter(period__endswith__gt=now).order_by("period", "pk")
    return (
        theirs.annotate(
            runs=Count("qualifications", filter=Q(qualifications__valid_to__gte=today), distinct=True),
            keeps_own_hours=Count("hours", distinct=True),
        )
        .prefetch_related(Prefetch("leaves", queryset=leaves, to_attr="leaves_ahead"))
        .order_by("-is_active", "code")
    )


def qualifications(operator: Operator) -> QuerySet[OperatorQualification]:
    """Return what an operator may run, or might."""
    return operator.qualifications.select_related("instrument__lab").order_by("instrument__code")


def leaves_ahead(operator: Operator, now: datetime) -> QuerySet[OperatorLeave]:
    """Return the leaves of an operator that are not over, the next first."""
    return operator.leaves.filter(period__endswith__gt=now).order_by("period", "pk")


def user_qualifications(member: Membership) -> QuerySet[UserQualification]:
    """Return who may run instruments of the member's labs by themselves, those valid longest first."""
    theirs = UserQualification.objects.filter(instrument__lab__organisation_id=member.organisation_id)
    return theirs.select_related("user", "instrument__lab").order_by("-valid_to", "user__email", "pk")


def groups(member: Membership) -> QuerySet[InstrumentGroup]:
    """Return the groups of instruments of the member's labs."""
    theirs = InstrumentGroup.objects.filter(lab__organisation_id=member.organisation_id)
    return theirs.select_related("lab").prefetch_related("instruments").order_by("code")
