"""What people are told about series: one letter for an act on many dates."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.series import events, queries
from bookings.series.models import Series
from notices.kinds import Facts, Group, Kind


def series_of(facts: Facts, now: datetime) -> Facts:
    """Return what the letters about a series show: the series, and its dates as they are now."""
    series = Series.objects.select_related("instrument__lab", "organisation").get(pk=facts["series_id"])
    return {"series": series, "dates": queries.dated(series, now)}


ABOUT = "series:{0.series_id}"

KINDS = (
    Kind(
        "series_submitted_lab",
        Group.APPROVALS,
        label=_("A series waits for approval"),
        sentence=_("{organisation} asks for a series on {instrument}; dates: {dates}."),
        gather=series_of,
        done_by=(events.SeriesApproved, events.SeriesRejected, events.SeriesCancelled),
        about=ABOUT,
    ),
    Kind(
        "series_approved",
        Group.BOOKINGS,
        label=_("A series is approved"),
        sentence=_("Approved on {instrument}: {dates} of your series. Please confirm them."),
        gather=series_of,
        done_by=(events.SeriesConfirmed, events.SeriesCancelled),
        about=ABOUT,
    ),
    Kind(
        "series_rejected",
        Group.BOOKINGS,
        label=_("Dates of a series are declined"),
        sentence=_("Declined on {instrument}: {dates} of your series."),
        gather=series_of,
    ),
    Kind(
        "series_lapsed",
        Group.BOOKINGS,
        label=_("Dates of a series have lapsed"),
        sentence=_("Lapsed on {instrument}: {dates} of your series; the hold has run out."),
        gather=series_of,
    ),
    Kind(
        "series_confirmed",
        Group.BOOKINGS,
        label=_("A series is confirmed"),
        sentence=_("Confirmed on {instrument}: {dates} of your series."),
        gather=series_of,
    ),
    Kind(
        "series_confirmed_lab",
        Group.DESK,
        label=_("A new series at the lab"),
        sentence=_("{organisation} has booked a series on {instrument}; dates: {dates}."),
        gather=series_of,
    ),
    Kind(
        "series_moved",
        Group.BOOKINGS,
        label=_("Dates of a series are moved"),
        sentence=_("Moved on {instrument}: {dates} of your series."),
        gather=series_of,
    ),
    Kind(
        "series_moved_lab",
        Group.DESK,
        label=_("Dates of a series at the lab are moved"),
        sentence=_("{organisation} has moved dates of a series on {instrument}: {dates}."),
        gather=series_of,
    ),
    Kind(
        "series_cancelled",
        Group.BOOKINGS,
        label=_("Dates of a series are cancelled"),
        sentence=_("Cancelled on {instrument}: {dates} of your series."),
        gather=series_of,
    ),
    Kind(
        "series_cancelled_lab",
        Group.DESK,
        label=_("Dates of a series at the lab are cancelled"),
        sentence=_("Dates of a series of {organisation} on {instrument} are cancelled: {dates}."),
        gather=series_of,
    ),
)
