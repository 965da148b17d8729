"""What a lab says of its rentals and services, and whether others see it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, refusing
from labs.catalogue import operations as catalogue
from labs.catalogue.editing import changes
from labs.catalogue.editing.events import OfferingEdited, ServiceAdded
from labs.catalogue.models import Instrument, Lab, Offering, Standard

RENTAL_FIELDS = ("bring_zh", "bring_en", "safety_zh", "safety_en", "data_export_zh", "data_export_en")
COMMON_FIELDS = (
    "name_zh", "name_en", "keywords", "price_unit_zh", "unit_price_fen", "min_qty", "tiers", "turnaround_workdays",
    "urgent_options", "report_languages", "tax_category",
)  # fmt: skip
SAMPLE_FIELDS = (
    "parameter_zh", "parameter_en", "sample_quantity", "sample_form_zh", "sample_storage_zh", "sample_requirement_zh",
    "sample_requirement_en", "return_policy", "subcontracting", "cma_in_scope", "cnas_in_scope",
)  # fmt: skip
INSPECTION_FIELDS = (
    "form", "inspection_level", "aql", "day_rate_fen", "trip_fee_fen", "zone_fee_fen", "provider", "host_workstation",
)  # fmt: skip
FIELDS: dict[str, tuple[str, ...]] = {
    "rental": RENTAL_FIELDS,
    "testing": (*COMMON_FIELDS, *SAMPLE_FIELDS),
    "calibration": (*COMMON_FIELDS, *SAMPLE_FIELDS),
    "verification": (*COMMON_FIELDS, *SAMPLE_FIELDS, "mandatory"),
    "agent_inspection": (*COMMON_FIELDS, *INSPECTION_FIELDS),
}
"""What may be edited, by kind."""
MOVES: dict[str, tuple[str, ...]] = {
    "draft": ("published", "retired"),
    "published": ("suspended", "retired"),
    "suspended": ("published", "retired"),
    "retired": ("draft",),
}
"""The state machine of offerings: from each state, where it may go."""


class OfferingCodeTaken(Refusal):
    code = "offering_code_taken"
    message = _("There is an offering {offering_code} already. Choose another code.")


class CompulsoryVerificationIsFree(Refusal):
    code = "compulsory_verification_is_free"
    message = _("Compulsory verification is free of charge: its price must be 0.")
    status = 422


class StateUnreachable(Refusal):
    code = "state_unreachable"
    message = _("From “{state}” it cannot become “{wanted}”. Somebody may have changed it meanwhile.")


class NotOfTheLab(Refusal):
    code = "instrument_of_another_lab"
    message = _("{instrument} belongs to another lab.")
    status = 422


@transaction.atomic
def add_service(
    *,
    lab: Lab,
    kind: str,
    code: str,
    standards: Collection[Standard] = (),
    instruments: Collection[Instrument] = (),
    by: Membership | None,
    now: datetime,
    **values: Any,
) -> Offering:
    """
    Add a service to a lab, as a draft that nobody outside it sees; `values` are of `FIELDS` of its kind.

    Raises:
        OfferingCodeTaken: some offering has that code.
        CompulsoryVerificationIsFree: a compulsory verification has a price.
        NotOfTheLab: an instrument is not the lab's.
    """
    _check(kind, values, instruments, lab.pk)
    offering = Offering(lab=lab, kind=Offering.Kind(kind), code=code, **values)
    with _refused(code=code):
        offering.save(force_insert=True)
    offering.standards.set(standards)
    offering.instruments.set(instruments)
    announce(ServiceAdded(offering_id=offering.pk, lab_id=lab.pk, row=changes.told(offering), **changes.whose(by, now)))
    return offering


@transaction.atomic
def edit_offering(
    *,
    offering: Offering,
    seen: str | None = None,
    standards: Collection[Standard] | None = None,
    instruments: Collection[Instrument] | None = None,
    by: Membership | None,
    now: datetime,
    **values: Any,
) -> Offering:
    """
    Change what is said of an offering; a published one is kept as a new version, and promises keep the old.

    `values` are of `FIELDS` of its kind; `seen` is the mark of what the writer was shown.

    Raises:
        EditedMeanwhile: somebody changed it since it was shown.
        CompulsoryVerificationIsFree: a compulsory verification would have a price.
        NotOfTheLab: an instrument is not the lab's.
        Busy: others held it for too long.
    """
    [current] = lock(Offering.objects.filter(pk=offering.pk).select_related("lab", "provider"))
    _check(current.kind, values, instruments or (), current.lab_id)
    before = said(current)
    changes.refuse_if_unseen(seen, before, about=f"offering:{current.pk}", zone=current.lab.tz)
    for name, value in values.items():
        setattr(current, name, value)
    with _refused(code=current.code):
        current.save(update_fields=list(values))
    if standards is not None:
        current.standards.set(standards)
    if instruments is not None:
        current.instruments.set(instruments)
    found = changes.between(before, said(current))
    if found:
        announce(
            OfferingEdited(
                offering_id=current.pk,
                instrument_id=current.instrument_id,
                changes=found,
                **changes.whose(by, now),
            )
        )
        catalogue.republish(offering=current, by=by, now=now)
    return current


def said(offering: Offering) -> dict[str, Any]:
    """Return what an offering says in the fields that may be edited, as a history keeps it."""
    fields = FIELDS[offering.kind]
    linked = {} if offering.kind == Offering.Kind.RENTAL else _linked(offering)
    return {**changes.of_row(offering, fields), **linked}


def _linked(offering: Offering) -> dict[str, Any]:
    return {
        "standards": sorted(offering.standards.values_list("number", flat=True)),
        "instruments": [changes.told(each) for each in offering.instruments.order_by("code", "pk")],
    }


def _check(kind: str, values: dict[str, Any], instruments: Collection[Instrument], lab_id: int) -> None:
    unknown = set(values) - set(FIELDS[kind])
    if unknown:
        raise TypeError(f"these are not edited: {sorted(unknown)}")
    for instrument in instruments:
        if instrument.lab_id != lab_id:
            raise NotOfTheLab(instrument=instrument.name)


def _refused(*, code: str) -> Any:
    return refusing(
        offering_code_is_unique=OfferingCodeTaken(offering_code=code),
        offering_compulsory_verification_is_free=CompulsoryVerificationIsFree,
    )


@transaction.atomic
def move(*, offering: Offering, state: str, by: Membership | None, now: datetime) -> Offering:
    """
    Publish, suspend or retire an offering, or take it up again as a draft; whether it is ready, the desk has asked.

    Raises:
        StateUnreachable: it cannot go there from where it is (see `MOVES`).
        Busy: others held it for too long.
    """
    [current] = lock(Offering.objects.filter(pk=offering.pk).select_related("lab", "instrument"))
    wanted = Offering.State(state)
    if wanted not in MOVES[current.state]:
        raise StateUnreachable(state=current.get_state_display(), wanted=wanted.label)
    return catalogue.set_offering_state(offering=current, state=wanted, by=by, now=now)
