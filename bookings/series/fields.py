"""What programs send and read about series."""

from datetime import datetime
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from bookings.availability.api import said
from bookings.rentals.models import Rental
from bookings.series import queries, rules, wording
from bookings.series.models import Series
from bookings.series.operations import Change, Moves
from bookings.series.previewing import Preview, remedy_of
from bookings.series.rules import Plan
from labs.catalogue.consents import CODES
from labs.models import Instrument

LONGEST_SHOWN = 20_000


class PlanFields(serializers.Serializer[Any]):
    """What is wanted again and again, in the lab's zone."""

    instrument = serializers.CharField(max_length=40, help_text="The instrument's code.")
    rule = serializers.CharField(
        max_length=rules.LONGEST_TEXT,
        help_text="RRULE of RFC 5545: FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY, and COUNT or UNTIL (a date). "
        "At most 52 dates within 180 days.",
    )
    first_on = serializers.DateField(help_text="The first date that may fit the rule, of the lab.")
    starts_at = serializers.TimeField(help_text="The time of day on the lab's clock.", input_formats=["%H:%M"])
    minutes = serializers.IntegerField(min_value=1, max_value=366 * 24 * 60)
    mode = serializers.ChoiceField(choices=Rental.Mode.choices, default=Rental.Mode.ASSISTED)
    units = serializers.IntegerField(min_value=1, max_value=1000, default=1, help_text="How many of its positions.")
    profile = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    materials = serializers.ListField(
        child=serializers.ChoiceField(choices=Instrument.Material.choices), required=False, default=list
    )
    used_by = serializers.EmailField(
        required=False, allow_null=True, default=None, help_text="A colleague who comes instead of the caller."
    )
    then = serializers.ChoiceField(
        choices=[rules.CONFIRM, rules.HOLD],
        default=rules.CONFIRM,
        help_text="`confirm`: on the monthly account, or sent to the lab where it approves first; `hold`: only held.",
    )

    def plan(self) -> Plan:
        """Return the plan; a rule that cannot be read is refused by the name of its part."""
        data = self.validated_data
        return Plan(
            rule=rules.parse(data["rule"]),
            first_on=data["first_on"],
            starts_at=data["starts_at"],
            minutes=data["minutes"],
            mode=data["mode"],
            units=data["units"],
            profile=data["profile"],
            materials=tuple(data["materials"]),
        )


class AgreedFields(serializers.Serializer[Any]):
    """What was shown and agreed to; without `shown` whatever can be done is done."""

    shown = serializers.CharField(max_length=LONGEST_SHOWN, required=False, allow_null=True, default=None)
    consents = serializers.ListField(child=serializers.ChoiceField(choices=CODES), required=False, default=list)


class BookingFields(PlanFields, AgreedFields):
    """A series to book."""

    policy = serializers.ChoiceField(
        choices=Series.Policy.choices,
        default=rules.SKIP_CONFLICTS,
        help_text="`skip_conflicts`: dates that cannot be booked are left out and kept with the reason.",
    )
    purpose = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class WhichFields(serializers.Serializer[Any]):
    """Which dates: `this` or `following`, as seen from the local date `on`, or `all`."""

    which = serializers.ChoiceField(choices=rules.WHICH, default=rules.ALL)
    on = serializers.DateField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["which"] != rules.ALL and attrs["on"] is None:
            raise serializers.ValidationError({"on": self.fields["on"].error_messages["required"]})
        return attrs


class CancelFields(WhichFields):
    """The dates, and the sum of fees the person agreed to; without it any is accepted."""

    expected_fee_fen = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class LabCancelFields(WhichFields):
    """The dates a lab calls off, and why; the customer reads it."""

    reason = serializers.CharField(max_length=300)


class MoveFields(WhichFields):
    """Where dates go; what is not named stays."""

    starts_at = serializers.TimeField(required=False, allow_null=True, default=None, input_formats=["%H:%M"])
    minutes = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1)
    mode = serializers.ChoiceField(choices=Rental.Mode.choices, required=False, allow_blank=True, default="")
    days = serializers.IntegerField(min_value=-31, max_value=31, default=0, help_text="So many days later or earlier.")
    policy = serializers.ChoiceField(choices=Series.Policy.choices, default=rules.SKIP_CONFLICTS)
    shown = serializers.CharField(max_length=LONGEST_SHOWN, required=False, allow_null=True, default=None)

    def asked(self) -> dict[str, Any]:
        """Return which dates go where, as the operation asks it."""
        data = self.validated_data
        change = Change(data["starts_at"], data["minutes"], data["mode"], data["days"])
        return {"which": data["which"], "on": data["on"], "change": change}


class ExtendFields(AgreedFields):
    """Until when a series goes on: so many dates in all, or until a date."""

    count = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1)
    until = serializers.DateField(required=False, allow_null=True, default=None)
    then = serializers.ChoiceField(choices=[rules.CONFIRM, rules.HOLD], default=rules.CONFIRM)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["count"] is None) == (attrs["until"] is None):
            raise serializers.ValidationError({"count": rules.RuleEndsTwice.message})
        return attrs


class AnswerFields(serializers.Serializer[Any]):
    """The rentals of a series that a lab answers to; without `numbers` all that wait."""

    numbers = serializers.ListField(
        child=serializers.CharField(max_length=24), required=False, allow_null=True, default=None
    )
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ReasonFields(serializers.Serializer[Any]):
    """A rule that fails: what it says, and what would make it pass."""

    code = serializers.CharField()
    detail = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)


class JudgedFields(serializers.Serializer[Any]):
    """A date of a preview: its time and price, or every rule that fails."""

    on = serializers.DateField()
    start = serializers.DateTimeField(allow_null=True)
    end = serializers.DateTimeField(allow_null=True)
    total_fen = serializers.IntegerField(allow_null=True)
    refusals = ReasonFields(many=True)


class PreviewFields(serializers.Serializer[Any]):
    """What a series would be; `shown` is sent back with the agreement to it."""

    told = serializers.CharField(help_text="The rule in words.")
    dates = JudgedFields(many=True)
    total_fen = serializers.IntegerField()
    requires_approval = serializers.BooleanField()
    consents = serializers.ListField(child=serializers.CharField())
    shown = serializers.CharField()


class DateFields(serializers.Serializer[Any]):
    """A date of a series as it is now: its rental, or why it was left out."""

    on = serializers.DateField()
    rental = serializers.CharField(allow_null=True, help_text="The rental's number.")
    status = serializers.CharField(allow_blank=True)
    start = serializers.DateTimeField(allow_null=True)
    end = serializers.DateTimeField(allow_null=True)
    total_fen = serializers.IntegerField(allow_null=True)
    fee_fen = serializers.IntegerField(allow_null=True)
    skipped = serializers.JSONField(allow_null=True, help_text="code, text_zh, text_en of a date that was left out.")


class SeriesFields(serializers.Serializer[Any]):
    """A series, without its dates."""

    uuid = serializers.UUIDField()
    instrument = serializers.CharField()
    lab = serializers.CharField()
    rule = serializers.CharField()
    told = serializers.CharField()
    first_on = serializers.DateField()
    starts_at = serializers.CharField()
    minutes = serializers.IntegerField()
    mode = serializers.CharField()
    units = serializers.IntegerField()
    policy = serializers.CharField()
    purpose = serializers.CharField(allow_blank=True)
    used_by = serializers.EmailField(allow_null=True, help_text="Who comes, where that is not who placed it.")
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: Series) -> dict[str, Any]:
        return about(instance)


class WholeFields(SeriesFields):
    """A series with its dates as they are now."""

    dates = DateFields(many=True)


class MovedFields(serializers.Serializer[Any]):
    """A date that goes elsewhere, or stays and why."""

    rental = serializers.CharField()
    before = serializers.DateTimeField()
    after = serializers.DateTimeField(allow_null=True)
    total_fen = serializers.IntegerField()
    refusals = ReasonFields(many=True)


class MovesFields(serializers.Serializer[Any]):
    """What a move does; `shown` is sent back with the agreement to it."""

    dates = MovedFields(many=True)
    difference_fen = serializers.IntegerField()
    shown = serializers.CharField()


class FeeFields(serializers.Serializer[Any]):
    """What cancelling one date costs now."""

    rental = serializers.CharField()
    fee_fen = serializers.IntegerField()


class FeesFields(serializers.Serializer[Any]):
    """What cancelling costs now, date by date and together."""

    dates = FeeFields(many=True)
    total_fen = serializers.IntegerField()


def about(series: Series) -> dict[str, Any]:
    """Return a series as programs read it."""
    lab = series.instrument.lab
    return {
        "uuid": str(series.uuid),
        "instrument": series.instrument.code,
        "lab": lab.code,
        "rule": series.rule,
        "told": wording.told(series.plan),
        "first_on": series.first_on.isoformat(),
        "starts_at": f"{series.starts_at:%H:%M}",
        "minutes": series.minutes,
        "mode": series.mode,
        "units": series.units,
        "policy": series.policy,
        "purpose": series.purpose,
        "used_by": series.used_by.email if series.used_by else None,
        "created_at": said(series.created_at, lab.tz),
    }


def told(series: Series, *, now: datetime, status: int = 200) -> Response:
    """Answer with a series and its dates as they are now."""
    zone = series.instrument.lab.tz
    dates = [
        {
            "on": one.on.isoformat(),
            "rental": one.rental.number if one.rental else None,
            "status": one.state,
            "start": said(one.rental.time.start, zone) if one.rental else None,
            "end": said(one.rental.time.end, zone) if one.rental else None,
            "total_fen": one.rental.total_fen if one.rental else None,
            "fee_fen": one.rental.fee_fen if one.rental else None,
            "skipped": one.row.skipped,
        }
        for one in queries.dated(series, now)
    ]
    response = Response({**about(series), "dates": dates}, status=status)
    if status == 201:
        response.headers["Location"] = f"/api/v1/series/{series.uuid}/"
    return response


def previewed(seen: Preview) -> Response:
    """Answer with the dates a series would have."""
    zone = seen.instrument.lab.tz
    dates = [
        {
            "on": one.on.isoformat(),
            "start": said(one.period.start, zone) if one.period else None,
            "end": said(one.period.end, zone) if one.period else None,
            "total_fen": one.price.total.fen if one.price else None,
            "refusals": [{"code": code, "detail": text, "remedy": cure} for code, text, cure in one.reasons],
        }
        for one in seen.dates
    ]
    return Response(
        {
            "told": wording.told(seen.plan),
            "dates": dates,
            "total_fen": seen.total.fen,
            "requires_approval": seen.requires_approval,
            "consents": [consent.code for consent in seen.consents],
            "shown": seen.shown,
        }
    )


def moved(moves: Moves, series: Series) -> Response:
    """Answer with what a move does, date by date."""
    zone = series.instrument.lab.tz
    dates = [
        {
            "rental": one.rental.number,
            "before": said(one.before.start, zone),
            "after": said(one.after.start, zone) if one.after else None,
            "total_fen": one.cost_after.fen,
            "refusals": [{"code": no.code, "detail": str(no), "remedy": remedy_of(no)} for no in one.refusals],
        }
        for one in moves.dates
    ]
    return Response({"dates": dates, "difference_fen": moves.difference.fen, "shown": moves.shown})


def fees(found: queries.Cancelling) -> Response:
    """Answer with what cancelling costs now."""
    dates = [{"rental": each.rental.number, "fee_fen": each.fee.fen} for each in found.costs]
    return Response({"dates": dates, "total_fen": found.total.fen})
