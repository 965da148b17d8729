"""What a lab says of its instruments."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel import uploads
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, refusing
from labs.catalogue import operations as catalogue
from labs.catalogue.editing import changes
from labs.catalogue.editing.events import InstrumentAdded, InstrumentEdited, PhotoAdded, PhotoMoved, PhotoRemoved
from labs.catalogue.models import Instrument, InstrumentPhoto, Lab, Offering

FIELDS = (
    "name_zh", "name_en", "keywords", "category", "class_kind", "model", "maker", "commissioned_year",
    "original_value_fen", "serial_no", "asset_no", "description_zh", "description_en", "not_for_loan_zh", "rental_mode",
    "training_required", "capacity", "capacity_unit_zh", "room", "shared_condition_profile", "span_closed",
    "unattended_buffers", "requires_calibration", "materials_allowed",
)  # fmt: skip
"""What may be edited; the code stays what it was, since addresses carry it."""
MOST_PHOTOS = 12


class InstrumentCodeTaken(Refusal):
    code = "instrument_code_taken"
    message = _("There is an instrument {instrument_code} already. Choose another code.")


class RoomOfAnotherLab(Refusal):
    code = "room_of_another_lab"
    message = _("The room belongs to another lab.")
    status = 422


class TooManyPhotos(Refusal):
    code = "too_many_photos"
    message = _("An instrument has at most {most} photos. Remove one first.")


@transaction.atomic
def add_instrument(*, lab: Lab, code: str, by: Membership | None, now: datetime, **values: Any) -> Instrument:
    """
    Add an instrument to a lab, with its rental as a draft that nobody outside the lab sees; `values` are of `FIELDS`.

    Raises:
        InstrumentCodeTaken: some instrument has that code.
        RoomOfAnotherLab: the room is not the lab's.
    """
    _check_room(values.get("room"), lab.pk)
    taken = InstrumentCodeTaken(instrument_code=code)
    with refusing(instrument_code_is_unique=taken, offering_code_is_unique=taken):
        instrument = Instrument.objects.create(lab=lab, code=code, **values)
    catalogue.offer_rental(instrument=instrument, by=by, now=now)
    announce(
        InstrumentAdded(
            instrument_id=instrument.pk, lab_id=lab.pk, row=changes.told(instrument), **changes.whose(by, now)
        )
    )
    return instrument


@transaction.atomic
def edit_instrument(
    *, instrument: Instrument, seen: str | None = None, by: Membership | None, now: datetime, **values: Any
) -> Instrument:
    """
    Change what is said of an instrument; `values` are of `FIELDS`, `seen` is the mark of what the writer was shown.

    Its rental carries its names, and a published one is kept as a new version.

    Raises:
        EditedMeanwhile: somebody changed it since it was shown.
        RoomOfAnotherLab: the room is not the lab's.
        Busy: others held it for too long.
    """
    _known(values, FIELDS)
    [current] = lock(Instrument.objects.filter(pk=instrument.pk).select_related("lab", "category", "room"))
    _check_room(values.get("room"), current.lab_id)
    before = changes.of_row(current, FIELDS)
    changes.refuse_if_unseen(seen, before, about=f"instrument:{current.pk}", zone=current.lab.tz)
    for name, value in values.items():
        setattr(current, name, value)
    found = changes.between(before, changes.of_row(current, FIELDS))
    if not found:
        return current
    fields = [change["field"] for change in found]
    current.save(update_fields=fields)
    if {"name_zh", "name_en"} & set(fields):
        _rename_rental(current, by=by, now=now)
    announce(InstrumentEdited(instrument_id=current.pk, fields=fields, changes=found, **changes.whose(by, now)))
    return current


def _rename_rental(instrument: Instrument, *, by: Membership | None, now: datetime) -> None:
    rental = Offering.objects.filter(instrument=instrument).first()
    if rental is not None:
        rental.name_zh, rental.name_en = instrument.name_zh, instrument.name_en
        rental.save(update_fields=["name_zh", "name_en"])
        catalogue.republish(offering=rental, by=by, now=now)


def _known(values: dict[str, Any], fields: tuple[str, ...]) -> None:
    unknown = set(values) - set(fields)
    if unknown:
        raise TypeError(f"these are not edited: {sorted(unknown)}")


def _check_room(room: Any, lab_id: int) -> None:
    if room is not None and room.lab_id != lab_id:
        raise RoomOfAnotherLab


# --- Photos ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_photo(
    *,
    instrument: Instrument,
    content: bytes,
    caption_zh: str = "",
    caption_en: str = "",
    by: Membership | None,
    now: datetime,
) -> InstrumentPhoto:
    """
    Add a picture to an instrument, behind those it has; it is written anew: see Note [Uploads].

    Raises:
        FileTooLarge, FileKindUnknown, PictureUnreadable: the file is no picture that may be kept.
        TooManyPhotos: it has as many as it may have.
    """
    name, file = uploads.picture(content).named()
    lock(Instrument.objects.filter(pk=instrument.pk).only("pk"))
    photos = InstrumentPhoto.objects.filter(instrument=instrument)
    if photos.count() >= MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    last: int | None = photos.aggregate(last=Max("position"))["last"]
    photo = InstrumentPhoto(
        instrument=instrument,
        position=0 if last is None else last + 1,
        caption_zh=caption_zh,
        caption_en=caption_en,
    )
    photo.file.save(name, file, save=False)
    photo.save()
    announce(PhotoAdded(instrument_id=instrument.pk, photo_id=photo.pk, row=_caption(photo), **changes.whose(by, now)))
    return photo


@transaction.atomic
def remove_photo(*, photo: InstrumentPhoto, by: Membership | None, now: datetime) -> None:
    """Remove a picture; its file goes when the transaction is through."""
    file, name, pk, said = photo.file, photo.file.name or "", photo.pk, _caption(photo)
    photo.delete()
    transaction.on_commit(lambda: file.storage.delete(name))
    announce(PhotoRemoved(instrument_id=photo.instrument_id, photo_id=pk, row=said, **changes.whose(by, now)))


@transaction.atomic
def show_first(*, photo: InstrumentPhoto, by: Membership | None, now: datetime) -> None:
    """Put a picture before the others of its instrument: the one that lists show."""
    lock(Instrument.objects.filter(pk=photo.instrument_id).only("pk"))
    photos = InstrumentPhoto.objects.filter(instrument_id=photo.instrument_id)
    order = [photo.pk, *photos.exclude(pk=photo.pk).order_by("position").values_list("pk", flat=True)]
    photos.update(position=F("position") + 1_000)  # positions are unique at every instant
    for position, pk in enumerate(order):
        photos.filter(pk=pk).update(position=position)
    announce(
        PhotoMoved(instrument_id=photo.instrument_id, photo_id=photo.pk, row=_caption(photo), **changes.whose(by, now))
    )


def _caption(photo: InstrumentPhoto) -> dict[str, str]:
    return {"zh": photo.caption_zh, "en": photo.caption_en}
