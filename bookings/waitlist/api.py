"""Waiting for programs: the same operations as the pages; every POST is made once by its key."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api.acting import Listing, acting
from api.idempotency import idempotent
from bookings.availability.api import said
from bookings.discovery.filters import LONGEST_MINUTES
from bookings.rentals.api import RentalFields
from bookings.rentals.models import Rental
from bookings.waitlist import operations, queries
from bookings.waitlist.filters import EntryFilter
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from kernel.money import Money
from kernel.periods import Period
from labs.catalogue.consents import CODES
from labs.models import Instrument, InstrumentGroup

READ, WRITE = "waitlist:read", "waitlist:write"

ANY_50_KN = {
    "query": {"value": "50", "unit": "kN"},
    "since": "2026-11-24T08:00:00+08:00",
    "until": "2026-11-28T00:00:00+08:00",
    "minutes": 180,
    "max_price_fen": 90_000,
    "purpose": "来料检验",
}
ONE_INSTRUMENT = {
    "instrument": "TH-001",
    "since": "2026-11-24T09:00:00+08:00",
    "until": "2026-11-24T18:00:00+08:00",
    "minutes": 120,
    "mode": "assisted",
}
ANOTHER_WINDOW = {"since": "2026-11-25T09:00:00+08:00", "until": "2026-11-25T18:00:00+08:00"}


class OfferFields(serializers.Serializer[Any]):
    """A freed time that is held for the organisation until it is answered."""

    id = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=WaitlistOffer.Outcome.choices)
    offered_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    rental = serializers.CharField(help_text="Number of the rental that holds it.")
    instrument = serializers.CharField(help_text="The instrument's code.")
    start = serializers.DateTimeField(help_text="In the lab's zone.")
    end = serializers.DateTimeField(help_text="In the lab's zone; exclusive.")
    mode = serializers.ChoiceField(choices=Rental.Mode.choices)
    total_fen = serializers.IntegerField(help_text="What it costs, tax included.")


class EntryFields(serializers.Serializer[Any]):
    """A wish that waits, or has waited."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=WaitlistEntry.State.choices)
    position = serializers.IntegerField(
        allow_null=True, help_text="Place among those who wait for the same at that time; 1 is next. Null: not waiting."
    )
    instrument = serializers.CharField(allow_null=True, help_text="The instrument's code.")
    group = serializers.CharField(allow_null=True, help_text="The group's code.")
    query = serializers.DictField(allow_null=True, help_text="Parameters of the catalogue that say what will do.")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    minutes = serializers.IntegerField()
    mode = serializers.CharField(allow_blank=True, help_text="Empty: either will do.")
    units = serializers.IntegerField()
    max_price_fen = serializers.IntegerField(allow_null=True)
    purpose = serializers.CharField(allow_blank=True)
    is_displaced = serializers.BooleanField(help_text="Whether an outage took its time: it comes before all others.")
    created_at = serializers.DateTimeField()
    offers = OfferFields(many=True)

    def to_representation(self, instance: WaitlistEntry) -> dict[str, Any]:
        """Write an entry down, with its offers, the newest first."""
        zone = instance.tz
        return {
            "id": instance.pk,
            "state": instance.state,
            "position": self.context["positions"].get(instance.pk),
            "instrument": instance.instrument.code if instance.instrument else None,
            "group": instance.group.code if instance.group else None,
            "query": instance.query,
            "since": said(instance.time.start, zone),
            "until": said(instance.time.end, zone),
            "minutes": instance.minutes,
            "mode": instance.mode,
            "units": instance.units,
            "max_price_fen": instance.max_price_fen,
            "purpose": instance.purpose,
            "is_displaced": instance.displaced_id is not None,
            "created_at": said(instance.created_at, zone),
            "offers": [_offer(offer) for offer in instance.offers.all()],
        }


def _offer(offer: WaitlistOffer) -> dict[str, Any]:
    rental = offer.rental
    zone = rental.instrument.lab.tz
    return {
        "id": offer.pk,
        "outcome": offer.outcome,
        "offered_at": said(offer.offered_at, zone),
        "expires_at": said(offer.expires_at, zone),
        "rental": rental.number,
        "instrument": rental.instrument.code,
        "start": said(rental.time.start, zone),
        "end": said(rental.time.end, zone),
        "mode": rental.mode,
        "total_fen": rental.total_fen,
    }


class WindowFields(serializers.Serializer[Any]):
    """From when until when a time will do."""

    since = serializers.DateTimeField(help_text="ISO 8601 with offset.")
    until = serializers.DateTimeField(help_text="ISO 8601 with offset; the whole use ends by then.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["since"] >= attrs["until"]:
            raise serializers.ValidationError({"until": _("The end must come after the start.")})
        return attrs

    def window(self) -> Period:
        """The validated window."""
        return Period(self.validated_data["since"], self.validated_data["until"])


class JoinFields(WindowFields):
    """A wish: one of `instrument`, `group` and `query`, inside which window, how long."""

    instrument = serializers.CharField(max_length=40, required=False, allow_null=True, default=None)
    group = serializers.CharField(max_length=40, required=False, allow_null=True, default=None)
    query = serializers.DictField(
        required=False, allow_null=True, default=None, help_text="Parameters of the catalogue: q, value, unit, lab ..."
    )
    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES)
    mode = serializers.ChoiceField(choices=Rental.Mode.choices, required=False, allow_blank=True, default="")
    units = serializers.IntegerField(min_value=1, max_value=1000, default=1)
    max_price_fen = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)
    purpose = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    profile = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    materials = serializers.ListField(
        child=serializers.ChoiceField(choices=Instrument.Material.choices), required=False, default=list
    )
    consents = serializers.ListField(
        child=serializers.ChoiceField(choices=CODES),
        required=False,
        default=list,
        help_text="What is agreed to beforehand; without it nothing is offered that needs it.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = [name for name in ("instrument", "group", "query") if attrs[name]]
        if len(named) != 1:
            raise serializers.ValidationError(
                {"instrument": _("Name an instrument, a group or a search: one of them.")}
            )
        return super().validate(attrs)


PROBLEM = OpenApiResponse(description="problem+json: code, detail, remedy, facts, every failing rule in `refusals`.")
ANSWERS: dict[int, Any] = {200: EntryFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM}


def told(request: Request, pk: int, *, status: int = 200) -> Response:
    """Answer with an entry as it is now."""
    entry = queries.listed(acting(request)).get(pk=pk)
    context = {"positions": queries.positions([entry])}
    headers = {"Location": f"/api/v1/waitlist/{pk}/"} if status == 201 else {}
    return Response(EntryFields(entry, context=context).data, status=status, headers=headers)


class Entries(Listing):
    """What the organisation waits for, and beginning to wait."""

    access = {"GET": access.MEMBER, "POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}
    serializer_class = EntryFields
    filterset_class = EntryFilter
    queryset = WaitlistEntry.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.listed(member)

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page, and remember where its entries stand: one statement."""
        page = super().paginate_queryset(queryset)
        self.places = queries.positions(page or ())
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "positions": getattr(self, "places", {})}

    @extend_schema(
        request=JoinFields,
        responses={201: EntryFields, 409: PROBLEM, 422: PROBLEM},
        examples=[
            OpenApiExample("Any 50 kN machine this week, 3 h, at most ¥900", ANY_50_KN, request_only=True),
            OpenApiExample("One instrument", ONE_INSTRUMENT, request_only=True),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """
        Wait for a time that is not free.

        What is free already answers 409 FREE_NOW; its facts say on which instrument, when and at what price.
        """
        fields = JoinFields(data=request.data)
        fields.is_valid(raise_exception=True)
        data, member = fields.validated_data, acting(request)
        instrument = group = None
        if data["instrument"]:
            published = Instrument.objects.published().select_related("lab")
            instrument = get_object_or_404(published, code=data["instrument"])
        if data["group"]:
            groups = InstrumentGroup.objects.select_related("lab").filter(lab__is_active=True)
            group = get_object_or_404(groups, code=data["group"])
        most = data["max_price_fen"]
        entry = operations.join(
            by=member,
            now=timezone.now(),
            window=fields.window(),
            minutes=data["minutes"],
            instrument=instrument,
            group=group,
            query=data["query"] or None,
            mode=data["mode"],
            units=data["units"],
            max_price=None if most is None else Money(most),
            purpose=data["purpose"],
            profile=data["profile"],
            materials=data["materials"],
            agreed=data["consents"],
        )
        return told(request, entry.pk, status=201)


class OneEntry(APIView):
    """One entry of the caller's organisation; any other answers 404."""

    access = {"GET": access.MEMBER}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(responses={200: EntryFields, 404: PROBLEM})
    def get(self, request: Request, entry_id: int) -> Response:
        """Show an entry with its offers."""
        return told(request, theirs(request, entry_id).pk)


def theirs(request: Request, pk: int) -> WaitlistEntry:
    """The organisation's own entry."""
    return get_object_or_404(WaitlistEntry.objects.visible_to(acting(request)), pk=pk)


def offered_to(request: Request, pk: int) -> WaitlistOffer:
    """An offer made to the organisation."""
    offers = WaitlistOffer.objects.filter(entry__organisation_id=acting(request).organisation_id)
    return get_object_or_404(offers, pk=pk)


class Act(APIView):
    """Something a buyer does with an entry or an offer of the own organisation."""

    access = {"POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}


class Window(Act):
    """Another window."""

    @extend_schema(
        request=WindowFields,
        responses=ANSWERS,
        examples=[OpenApiExample("Another day", ANOTHER_WINDOW, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, entry_id: int) -> Response:
        """Wait for the same inside another window; the place in line stays."""
        entry = theirs(request, entry_id)
        fields = WindowFields(data=request.data)
        fields.is_valid(raise_exception=True)
        operations.change_window(entry=entry, window=fields.window(), by=acting(request), now=timezone.now())
        return told(request, entry_id)


class Withdraw(Act):
    """Waiting no longer."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, entry_id: int) -> Response:
        """Wait no longer; a time that is offered just now is let go."""
        operations.withdraw(entry=theirs(request, entry_id), by=acting(request), now=timezone.now())
        return told(request, entry_id)


class Take(Act):
    """Taking an offer."""

    @extend_schema(request=None, responses={200: RentalFields, 404: PROBLEM, 409: PROBLEM})
    @idempotent
    def post(self, request: Request, offer_id: int) -> Response:
        """Take an offered time; the answer is the held rental, to be confirmed, approved or paid like any other."""
        now = timezone.now()
        rental = operations.take_offer(offer=offered_to(request, offer_id), by=acting(request), now=now)
        return Response(RentalFields(rental, context={"now": now}).data)


class Decline(Act):
    """Letting an offer go."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, offer_id: int) -> Response:
        """Let an offered time go; the next in line is asked, and the entry waits on."""
        entry = operations.decline(offer=offered_to(request, offer_id), by=acting(request), now=timezone.now())
        return told(request, entry.pk)
