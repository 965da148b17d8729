"""New prices and terms: always a new version, never a change of one that promises refer to."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, refusing
from labs.catalogue.models import Instrument
from labs.tariffs import rules
from labs.tariffs.events import BookingPolicyPublished, TariffPublished
from labs.tariffs.models import BookingPolicy, Tariff


class TermsInvalid(Refusal):
    code = "terms_invalid"
    message = _("{field}: this value cannot be used.")
    status = 422


class TermsInPast(Refusal):
    code = "terms_in_past"
    message = _("New prices and terms hold from now on, or later.")
    status = 422


@transaction.atomic
def publish_tariff(
    *, instrument: Instrument, valid_from: datetime, by: Membership | None, now: datetime, **terms: Any
) -> Tariff:
    """
    Give an instrument a new price list from an instant on; `terms` are the fields of a tariff.

    Raises:
        TermsInPast: it would change what has been promised.
        TermsInvalid: a field or an hour band is wrong; `field` names it.
    """
    _check(Tariff(instrument=instrument, valid_from=valid_from, **terms), rules.band_problem(terms.get("bands", [])))
    if valid_from < now:
        raise TermsInPast
    with refusing(
        tariff_amounts_are_not_negative=TermsInvalid(field="base_rate_fen_per_hour"),
        tariff_increment_is_a_minute=TermsInvalid(field="billing_increment_min"),
        tariff_discount_is_at_most_the_whole=TermsInvalid(field="sme_discount_bp"),
    ):
        tariff: Tariff = Tariff.objects.create(
            instrument=instrument, version=_next_version(Tariff, instrument), valid_from=valid_from, **terms
        )
    announce(
        TariffPublished(
            tariff_id=tariff.pk,
            instrument_id=instrument.pk,
            version=tariff.version,
            valid_from=valid_from.isoformat(),
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=by.organisation_id if by else None,
        )
    )
    return tariff


@transaction.atomic
def publish_policy(
    *, instrument: Instrument, valid_from: datetime, by: Membership | None, now: datetime, **terms: Any
) -> BookingPolicy:
    """
    Give an instrument new terms of booking from an instant on; `terms` are the fields of a booking policy.

    Raises:
        TermsInPast: it would change what has been promised.
        TermsInvalid: a field or a step of the cancellation ladder is wrong; `field` names it.
    """
    row = BookingPolicy(instrument=instrument, valid_from=valid_from, **terms)
    _check(row, rules.ladder_problem(row.cancellation))
    if valid_from < now:
        raise TermsInPast
    with refusing(
        booking_policy_grid_is_within_a_day=TermsInvalid(field="slot_grid_min"),
        booking_policy_longest_is_not_below_shortest=TermsInvalid(field="max_minutes"),
        booking_policy_reserve_is_at_most_the_whole=TermsInvalid(field="sme_reserve_bp"),
        booking_policy_hold_is_a_minute=TermsInvalid(field="hold_minutes"),
    ):
        policy: BookingPolicy = BookingPolicy.objects.create(
            instrument=instrument, version=_next_version(BookingPolicy, instrument), valid_from=valid_from, **terms
        )
    announce(
        BookingPolicyPublished(
            booking_policy_id=policy.pk,
            instrument_id=instrument.pk,
            version=policy.version,
            valid_from=valid_from.isoformat(),
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=by.organisation_id if by else None,
        )
    )
    return policy


def _check(row: Tariff | BookingPolicy, problem: str) -> None:
    """
    Raises:
        TermsInvalid: what the fields of the row, or the rules of its inner format, do not allow.
    """
    try:
        row.clean_fields(exclude={"instrument"})
    except ValidationError as error:
        raise TermsInvalid(field=next(iter(error.message_dict))) from error
    if problem:
        raise TermsInvalid(field=problem)


def _next_version(model: type[Tariff] | type[BookingPolicy], instrument: Instrument) -> int:
    """Return the next version's number; the instrument's row is locked, so that two never get the same."""
    lock(Instrument.objects.filter(pk=instrument.pk).only("pk"))
    newest: int | None = model.objects.filter(instrument=instrument).aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1
