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


class PublishedMeanwhile(Refusal):
    code = "published_meanwhile"
    message = _(
        "Somebody published version {version} while you were writing. Look at it, then publish yours if it still holds."
    )


@transaction.atomic
def publish_tariff(
    *,
    instrument: Instrument,
    valid_from: datetime,
    by: Membership | None,
    now: datetime,
    after: int | None = None,
    **terms: Any,
) -> Tariff:
    """
    Give an instrument a new price list from an instant on; `terms` are the fields of a tariff.

    `after` is the newest version its writer saw, 0 for none; without it, whatever is the newest is followed.

    Raises:
        TermsInPast: it would change what has been promised.
        TermsInvalid: a field or an hour band is wrong; `field` names it.
        PublishedMeanwhile: there is a version that the writer did not see.
        Busy: others held the instrument for too long.
    """
    tariff = Tariff(instrument=instrument, valid_from=valid_from, **terms)
    _publish(
        tariff,
        problem=rules.band_problem(tariff.bands),
        now=now,
        after=after,
        tariff_amounts_are_not_negative="base_rate_fen_per_hour",
        tariff_increment_is_a_minute="billing_increment_min",
        tariff_discount_is_at_most_the_whole="sme_discount_bp",
    )
    announce(TariffPublished(tariff_id=tariff.pk, **_told(tariff, by, now)))
    return tariff


@transaction.atomic
def publish_policy(
    *,
    instrument: Instrument,
    valid_from: datetime,
    by: Membership | None,
    now: datetime,
    after: int | None = None,
    **terms: Any,
) -> BookingPolicy:
    """
    Give an instrument new terms of booking from an instant on; `terms` are the fields of a booking policy.

    `after` is the newest version its writer saw, 0 for none; without it, whatever is the newest is followed.

    Raises:
        TermsInPast: it would change what has been promised.
        TermsInvalid: a field or a step of the cancellation ladder is wrong; `field` names it.
        PublishedMeanwhile: there is a version that the writer did not see.
        Busy: others held the instrument for too long.
    """
    policy = BookingPolicy(instrument=instrument, valid_from=valid_from, **terms)
    _publish(
        policy,
        problem=rules.ladder_problem(policy.cancellation),
        now=now,
        after=after,
        booking_policy_grid_is_within_a_day="slot_grid_min",
        booking_policy_longest_is_not_below_shortest="max_minutes",
        booking_policy_reserve_is_at_most_the_whole="sme_reserve_bp",
        booking_policy_hold_is_a_minute="hold_minutes",
    )
    announce(BookingPolicyPublished(booking_policy_id=policy.pk, **_told(policy, by, now)))
    return policy


def _publish(row: Tariff | BookingPolicy, *, problem: str, now: datetime, after: int | None, **fields: str) -> None:
    """
    Save the row as the next version of its instrument; `fields` name the field that each constraint speaks of.

    The instrument's row is locked, so that two versions never get the same number.
    """
    try:
        row.clean_fields(exclude={"instrument"})
    except ValidationError as error:
        raise TermsInvalid(field=next(iter(error.message_dict))) from error
    if problem:
        raise TermsInvalid(field=problem)
    if row.valid_from < now:
        raise TermsInPast
    lock(Instrument.objects.filter(pk=row.instrument_id).only("pk"))
    versions = type(row).objects.filter(instrument_id=row.instrument_id)
    newest: int = versions.aggregate(newest=Max("version"))["newest"] or 0
    if after is not None and after != newest:
        raise PublishedMeanwhile(version=newest)
    row.version = newest + 1
    with refusing(**{constraint: TermsInvalid(field=field) for constraint, field in fields.items()}):
        row.save(force_insert=True)


def _told(row: Tariff | BookingPolicy, by: Membership | None, now: datetime) -> dict[str, Any]:
    """Return what the event of a new version says."""
    return {
        "instrument_id": row.instrument_id,
        "version": row.version,
        "valid_from": row.valid_from.isoformat(),
        "occurred_at": now,
        "actor_id": by.user_id if by else None,
        "organisation_id": by.organisation_id if by else None,
    }
