"""What programs send about rentals, and what they are told; instants with their offset, amounts in fen."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from bookings.availability.api import LineFields, WishFields, lines_said, said
from bookings.rentals.models import Rental, UsageRecord
from labs.catalogue.consents import CODES

CONSENTS = serializers.ListField(
    child=serializers.ChoiceField(choices=CODES),
    required=False,
    default=list,
    help_text="What the person agreed to; what needs more answers 422 CONSENT_REQUIRED with the codes.",
)


class RentalFields(serializers.Serializer[Any]):
    """A rental as its customer sees it; instants with their offset, amounts in fen."""

    number = serializers.CharField()
    uuid = serializers.UUIDField()
    instrument = serializers.CharField(help_text="The instrument's code.")
    instrument_name = serializers.CharField()
    lab = serializers.CharField(help_text="The lab's code.")
    start = serializers.DateTimeField(help_text="In the lab's zone.")
    end = serializers.DateTimeField(help_text="In the lab's zone; it belongs to whoever comes next.")
    mode = serializers.ChoiceField(choices=Rental.Mode.choices)
    units = serializers.IntegerField()
    profile = serializers.CharField(allow_blank=True, help_text="The condition it is run under.")
    materials = serializers.ListField(child=serializers.CharField(), help_text="Hazardous classes that are brought.")
    status = serializers.ChoiceField(
        choices=Rental.Status.choices,
        help_text="The state now; a hold that has run out is expired, whether a job has run or not.",
    )
    held_until = serializers.DateTimeField(allow_null=True)
    purpose = serializers.CharField(allow_blank=True)
    pays_by = serializers.CharField(allow_blank=True, help_text="`account`, `online`, `transfer`, or not chosen yet.")
    lines = LineFields(many=True)
    discount = serializers.CharField(allow_blank=True)
    total_fen = serializers.IntegerField(help_text="Final once it is settled.")
    voucher_fen = serializers.IntegerField(help_text="What of it a voucher pays.")
    fee_fen = serializers.IntegerField(help_text="What is owed for a cancelled rental, or one nobody came to.")
    credit_fen = serializers.IntegerField(help_text="What the interrupted rental it makes good gave back.")
    reason = serializers.CharField(allow_blank=True)
    consents = serializers.ListField(
        child=serializers.CharField(), help_text="What the customer agreed to, by code: `not_traceable`."
    )
    at_risk_since = serializers.DateTimeField(
        allow_null=True, help_text="Since when no certificate covers all of its time any more; null where one does."
    )
    needs_rebooking_since = serializers.DateTimeField(
        allow_null=True, help_text="Since when it cannot take place as booked; null where it can."
    )
    needs_rebooking = serializers.DictField(
        allow_null=True, help_text="Why: `outage` and until when, `hours` or `capacity`."
    )
    moves = serializers.IntegerField(help_text="How often its customer has moved it.")
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    checked_in_at = serializers.DateTimeField(allow_null=True)
    interrupted_at = serializers.DateTimeField(allow_null=True)
    checked_out_at = serializers.DateTimeField(allow_null=True)
    no_show_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Rental) -> dict[str, Any]:
        """Write the rental down by hand: this is the hot path, and the fields above only describe it."""
        instrument, lab, now = instance.instrument, instance.instrument.lab, self.context["now"]
        return {
            "number": instance.number,
            "uuid": str(instance.uuid),
            "instrument": instrument.code,
            "instrument_name": instrument.name,
            "lab": lab.code,
            "start": said(instance.time.start, lab.tz),
            "end": said(instance.time.end, lab.tz),
            "mode": instance.mode,
            "units": instance.units,
            "profile": instance.profile,
            "materials": list(instance.materials),
            "status": instance.status_at(now),
            "held_until": said(instance.held_until, lab.tz),
            "purpose": instance.purpose,
            "pays_by": instance.pays_by,
            "lines": lines_said(instance.price_lines),
            "discount": instance.discount,
            "total_fen": instance.total_fen,
            "voucher_fen": instance.voucher_fen,
            "fee_fen": instance.fee_fen,
            "credit_fen": instance.credit_fen,
            "reason": instance.reason,
            "consents": [consent["code"] for consent in instance.consents],
            "at_risk_since": said(instance.at_risk_since, lab.tz),
            "needs_rebooking_since": said(instance.needs_rebooking_since, lab.tz),
            "needs_rebooking": instance.needs_rebooking,
            "moves": instance.moves,
            **{
                name: said(getattr(instance, name), lab.tz)
                for name in (
                    "created_at",
                    "changed_at",
                    "confirmed_at",
                    "cancelled_at",
                    "checked_in_at",
                    "interrupted_at",
                    "checked_out_at",
                    "no_show_at",
                    "settled_at",
                )
            },
        }


class MoveOfferFields(serializers.Serializer[Any]):
    """Another time that the lab asks the customer to come at, until when it can be answered."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    reason = serializers.CharField()
    answer_by = serializers.DateTimeField()


class InterruptionFields(serializers.Serializer[Any]):
    """A breakdown during the use, and what its customer chose."""

    began_at = serializers.DateTimeField()
    fault = serializers.CharField()
    expected_back_at = serializers.DateTimeField(allow_null=True)
    choose_by = serializers.DateTimeField()
    choice = serializers.CharField(allow_blank=True, help_text="`resume`, `rebook`, `abandon`, or not chosen yet.")
    unusable_at = serializers.DateTimeField(allow_null=True, help_text="When the customer declared it of no use.")
    objected_at = serializers.DateTimeField(allow_null=True)
    objection = serializers.CharField(allow_blank=True)


class UsageTold(serializers.Serializer[Any]):
    """The usage record (使用记录): who used which position from when to when, and how it was left."""

    positions = serializers.ListField(child=serializers.IntegerField())
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    correction = serializers.CharField(
        allow_blank=True, help_text="Why the desk corrected these times; empty: it did not."
    )
    counter_start = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    counter_end = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    samples = serializers.IntegerField(allow_null=True)
    conditions = serializers.CharField(allow_blank=True)
    anomalies = serializers.CharField(allow_blank=True)
    condition = serializers.CharField(allow_blank=True)
    damage = serializers.CharField(allow_blank=True)
    consumables = serializers.ListField(child=serializers.DictField())
    data_files = serializers.ListField(child=serializers.DictField())


class PayToFields(serializers.Serializer[Any]):
    """Where a bank transfer goes, and what stands in its purpose so that it is found."""

    payee = serializers.CharField()
    bank = serializers.CharField()
    number = serializers.CharField(help_text="Of the account.")
    reference = serializers.CharField()
    amount_fen = serializers.IntegerField()


class RentalDetail(RentalFields):
    """One rental with all that is known of it, and what the caller may do with it now."""

    may = serializers.ListField(
        child=serializers.CharField(), help_text="The events that the caller may bring about now, by name."
    )
    used_by = serializers.EmailField(allow_null=True, help_text="Who comes, where that is not who placed it.")
    operator = serializers.CharField(allow_null=True, help_text="The name of the operator whom the lab sends.")
    rebooks = serializers.CharField(allow_null=True, help_text="The interrupted rental whose rest this one makes good.")
    move_offer = MoveOfferFields(allow_null=True)
    interruption = InterruptionFields(allow_null=True)
    usage = UsageTold(allow_null=True)
    out_from = serializers.DateTimeField(
        allow_null=True, help_text="From when on the instrument is out of service, before the end of a use under way."
    )
    pay_to = PayToFields(allow_null=True, help_text="Where it is paid, while it waits for a bank transfer.")


class HoldFields(WishFields):
    """What to hold: an instrument or any of a group, time, mode; `expected_total_fen` is the price agreed to."""

    instrument = serializers.CharField(
        max_length=40, required=False, allow_null=True, default=None, help_text="The instrument's code."
    )
    group = serializers.CharField(
        max_length=40,
        required=False,
        allow_null=True,
        default=None,
        help_text="The code of a group instead: the first of its instruments that fits is held (BK-10).",
    )
    purpose = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    expected_total_fen = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)
    used_by = serializers.EmailField(
        required=False, allow_null=True, default=None, help_text="A colleague who comes instead of the caller."
    )
    consents = CONSENTS

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["instrument"]) == bool(attrs["group"]):
            raise serializers.ValidationError({"instrument": _("Name an instrument or a group: one of them.")})
        return super().validate(attrs)


class VoucherOfferFields(serializers.Serializer[Any]):
    """A voucher in hand, and what it would pay of a rental; `why_not` says why it would pay nothing."""

    programme = serializers.CharField(help_text="Its code.")
    name = serializers.CharField()
    left_fen = serializers.IntegerField()
    expires_on = serializers.DateField()
    amount_fen = serializers.IntegerField()
    own_fen = serializers.IntegerField(help_text="What would be left to pay.")
    why_not = serializers.ListField(child=serializers.CharField())


class ProgrammeField(serializers.Serializer[Any]):
    """The programme whose voucher pays."""

    programme = serializers.CharField(max_length=40, help_text="Its code.")


class FeeFields(serializers.Serializer[Any]):
    """The cancellation fee the person agreed to; without it any fee is accepted."""

    expected_fee_fen = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class ReasonFields(serializers.Serializer[Any]):
    """Why the lab declines, cancels or objects; the customer reads it."""

    reason = serializers.CharField(max_length=300)


class PaymentFields(serializers.Serializer[Any]):
    """How it will be paid."""

    pays_by = serializers.ChoiceField(choices=[Rental.Payment.ONLINE, Rental.Payment.TRANSFER])


class TimeFields(serializers.Serializer[Any]):
    """Another time: instants with their offset, on the slot grid."""

    start = serializers.DateTimeField(help_text="ISO 8601 with offset, on the slot grid.")
    end = serializers.DateTimeField(help_text="ISO 8601 with offset; exclusive.")


class MoveFields(TimeFields):
    """Another time, and another instrument where the booked one is out of service; the price the person saw."""

    instrument = serializers.CharField(
        max_length=40, required=False, allow_null=True, default=None, help_text="Only where it needs rebooking."
    )
    expected_total_fen = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)
    consents = CONSENTS


class MoveByLabFields(TimeFields):
    """Another time, with the reason, and whether the customer has agreed; without consent they are asked."""

    reason = serializers.CharField(max_length=300)
    consent = serializers.BooleanField(default=False, help_text="The customer has agreed, by telephone say.")
    instrument = serializers.CharField(
        max_length=40, required=False, allow_null=True, default=None, help_text="With consent only."
    )


class HandOverFields(serializers.Serializer[Any]):
    """The colleague who comes instead."""

    to = serializers.EmailField(help_text="The e-mail address of a member of the organisation.")


class ApprovalFields(serializers.Serializer[Any]):
    """Whom the lab sends; without it the rules choose."""

    operator = serializers.CharField(
        max_length=24, required=False, allow_null=True, default=None, help_text="The operator's code."
    )


class CheckInFields(serializers.Serializer[Any]):
    """What the hour counter shows, where there is one."""

    counter = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, required=False, allow_null=True, default=None
    )


class ExtendFields(serializers.Serializer[Any]):
    """Until when it goes on."""

    until = serializers.DateTimeField(help_text="ISO 8601 with offset, on the slot grid.")


class ConsumableFields(serializers.Serializer[Any]):
    """Something that was used up."""

    name = serializers.CharField(max_length=200)
    quantity = serializers.DecimalField(max_digits=12, decimal_places=3)
    unit_price_fen = serializers.IntegerField(min_value=0)


class DataFileFields(serializers.Serializer[Any]):
    """A file of measured data, and the hash that proves it."""

    name = serializers.CharField(max_length=255)
    sha256 = serializers.CharField(min_length=64, max_length=64)


class UsageFields(serializers.Serializer[Any]):
    """The usage record (使用记录) that ends a use."""

    condition = serializers.ChoiceField(choices=UsageRecord.Condition.choices)
    counter_end = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, required=False, allow_null=True, default=None
    )
    samples = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)
    conditions = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    anomalies = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    damage = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    consumables = ConsumableFields(many=True, required=False, default=list)
    data_files = DataFileFields(many=True, required=False, default=list)
    started_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Where check-in was written down late: when it began."
    )
    ended_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Where it ended before now: when."
    )
    correction = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="Why the times are corrected."
    )


class FaultFields(serializers.Serializer[Any]):
    """What broke, and when the instrument is expected back, where that is known."""

    fault = serializers.CharField(max_length=500)
    expected_back_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class RebookFields(TimeFields):
    """Where and when the rest of an interrupted use takes place."""

    instrument = serializers.CharField(max_length=40, help_text="One of the same category.")
    consents = CONSENTS


class AbandonFields(serializers.Serializer[Any]):
    """Whether what was measured is of no use."""

    unusable = serializers.BooleanField(default=False)


class InsteadFields(serializers.Serializer[Any]):
    """An instrument that is free instead."""

    code = serializers.CharField()
    name = serializers.CharField()
    lab = serializers.CharField()
