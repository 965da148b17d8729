"""What the endpoints of rentals have in common: who may act on which, and how they are answered."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership, User
from api.acting import acting
from api.idempotency import idempotent
from billing.payments import queries as payments
from bookings.availability.api import said
from bookings.rentals import queries, rules
from bookings.rentals.api.fields import RentalDetail, RentalFields
from bookings.rentals.models import Interruption, MoveOffer, Rental, UsageRecord
from kernel.periods import Period
from labs.catalogue import queries as catalogue
from labs.models import Instrument

READ, WRITE = "rentals:read", "rentals:write"
PROBLEM = OpenApiResponse(
    description="problem+json: code, detail, remedy, facts, every failing rule in `refusals` with its remedy."
)
ANSWERS = {200: RentalDetail, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM}


def said_shortly(rental: Rental, *, status: int = 200) -> Response:
    """Answer with a rental as it is now, without asking the database anything more: where many want one slot."""
    response = Response(RentalFields(rental, context={"now": timezone.now()}).data, status=status)
    if status == 201:
        response.headers["Location"] = f"/api/v1/rentals/{rental.number}/"
    return response


def told(request: Request, rental: Rental, *, status: int = 200) -> Response:
    """Answer with all that is known of a rental, and what the caller may do with it now."""
    now = timezone.now()
    people = ("policy", "used_by", "operator", "rebooks", "usage")
    whole = Rental.objects.with_places().select_related(*people).get(pk=rental.pk)
    data = RentalFields(whole, context={"now": now}).data
    detail = {**data, **_detail(whole, acting(request), now)}
    response = Response(detail, status=status)
    if status == 201:
        response.headers["Location"] = f"/api/v1/rentals/{rental.number}/"
    return response


def _detail(rental: Rental, member: Membership, now: datetime) -> dict[str, Any]:
    zone = rental.instrument.lab.tz
    usage = getattr(rental, "usage", None)
    broken = queries.interruption(rental) if rental.interrupted_at else None
    offer = queries.move_offer(rental, now)
    return {
        "may": sorted(queries.what_may_be_done(rental, member, now)),
        "used_by": rental.used_by.email if rental.used_by else None,
        "operator": rental.operator.name if rental.operator else None,
        "rebooks": rental.rebooks.number if rental.rebooks else None,
        "move_offer": _offer(offer, zone) if offer else None,
        "interruption": _interruption(broken, zone) if broken else None,
        "usage": _usage(usage, zone) if usage else None,
        "out_from": said(queries.out_from(rental, now), zone),
        "pay_to": _pay_to(rental) if rental.status_at(now) == rules.AWAITING else None,
    }


def _pay_to(rental: Rental) -> dict[str, Any] | None:
    """Return where a bank transfer goes, for a rental that waits for one."""
    if rental.pays_by != Rental.Payment.TRANSFER:
        return None
    found = payments.reference_of(rental.number)
    reference = found.code if found else rental.number
    return {**settings.BANK_ACCOUNT, "reference": reference, "amount_fen": rental.own.fen}


def _offer(offer: MoveOffer, zone: Any) -> dict[str, Any]:
    return {
        "start": said(offer.time.start, zone),
        "end": said(offer.time.end, zone),
        "reason": offer.reason,
        "answer_by": said(offer.expires_at, zone),
    }


def _interruption(broken: Interruption, zone: Any) -> dict[str, Any]:
    return {
        "began_at": said(broken.began_at, zone),
        "fault": broken.fault,
        "expected_back_at": said(broken.expected_back_at, zone),
        "choose_by": said(broken.choice_due_at, zone),
        "choice": broken.choice,
        "unusable_at": said(broken.unusable_at, zone),
        "objected_at": said(broken.objected_at, zone),
        "objection": broken.objection,
    }


def _usage(usage: UsageRecord, zone: Any) -> dict[str, Any]:
    return {
        "positions": list(usage.positions),
        "started_at": said(usage.started_at, zone),
        "ended_at": said(usage.ended_at, zone),
        "correction": usage.correction,
        "counter_start": None if usage.counter_start is None else f"{usage.counter_start:.2f}",
        "counter_end": None if usage.counter_end is None else f"{usage.counter_end:.2f}",
        "samples": usage.samples,
        "conditions": usage.conditions,
        "anomalies": usage.anomalies,
        "condition": usage.condition,
        "damage": usage.damage,
        "consumables": usage.consumables,
        "data_files": usage.data_files,
    }


def valid(fields: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return what was sent, validated; bad input answers 400 and names the field."""
    given = fields(data=request.data)
    given.is_valid(raise_exception=True)
    data: dict[str, Any] = given.validated_data
    return data


def period_of(start: datetime, end: datetime) -> Period:
    """Return the time that was sent, or answer 400 where it ends before it begins."""
    if start >= end:
        raise serializers.ValidationError({"end": _("The end must come after the start.")})
    return Period(start, end)


def instrument_of(code: str) -> Instrument:
    """Return a published instrument, or answer 404."""
    found = catalogue.published_instrument(code)
    if found is None:
        raise Http404
    return found


def colleague(member: Membership, email: str, *, field: str) -> User:
    """Return the member of the organisation with that address, or answer 400."""
    theirs = Membership.objects.active().filter(organisation_id=member.organisation_id, user__email__iexact=email)
    found = theirs.select_related("user").first()
    if found is None:
        raise serializers.ValidationError({field: _("Nobody of your organisation has this address.")})
    return found.user


def act(
    do: Callable[..., Rental],
    says: str,
    *examples: OpenApiExample,
    asks: type[serializers.Serializer[Any]] | None = None,
    shown: Callable[[Request, Rental], Response] = told,
    responses: Mapping[int, Any] = ANSWERS,
) -> Any:
    """
    Return the `post` of an endpoint that does one thing with a rental and answers with it, once by its key.

    `do` is given the rental, who acts, the instant, and what was sent (`asks`), each by its name. `says` is what the
    description says of it, with its `examples`.
    """

    def post(view: Any, request: Request, number: str) -> Response:
        rental = view.rental(request, number)
        sent = valid(asks, request) if asks else {}
        return shown(request, do(rental=rental, by=acting(request), now=timezone.now(), **sent))

    post.__doc__ = says
    return extend_schema(request=asks, responses=dict(responses), examples=list(examples))(idempotent(post))


class CustomerAct(APIView):
    """Something a buyer does with a rental of the own organisation; any other answers 404."""

    access = {"POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}

    def rental(self, request: Request, number: str) -> Rental:
        """The customer's own rental of that number."""
        return get_object_or_404(Rental.objects.visible_to(acting(request)).with_places(), number=number)


class LabAct(APIView):
    """Something a lab's manager does with a rental on the own instruments; any other answers 404."""

    access = {"POST": access.LAB_MANAGER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}

    def rental(self, request: Request, number: str) -> Rental:
        """The rental of that number on the lab's own instruments."""
        return get_object_or_404(Rental.objects.operated_by(acting(request)).with_places(), number=number)


class DeskAct(LabAct):
    """Something anybody at the lab's desk does: letting in, writing down, letting out."""

    access = {"POST": access.LAB_STAFF}
