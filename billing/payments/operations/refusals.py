"""Why something about a transfer cannot be done."""

from django.utils.translation import gettext_lazy as _

from kernel.refusals import Refusal


class OrderUnknown(Refusal):
    """No order or statement that is paid by transfer has this number or code."""

    code = "order_unknown"
    message = _("Nothing that is paid by bank transfer has the number or code {number}.")
    status = 422


class OrderLost(Refusal):
    """The order cannot take place any more: the money goes back (`because`: late or lost)."""

    code = "order_lost"
    message = _("{number} cannot take place any more: its money goes back.")


class StatementImported(Refusal):
    """The file was imported before."""

    code = "bank_statement_imported"
    message = _("This file was imported already.")


class StatementFaulty(Refusal):
    """Some of the file cannot be read: nothing of it is taken."""

    code = "bank_statement_faulty"
    message = _("{faults} lines of the file cannot be read: nothing was imported.")
    cure = _("Correct the file, and hand it in again.")
    status = 422


class SerialKnown(Refusal):
    """A serial number of the bank is known already, with another day or amount."""

    code = "bank_serial_differs"
    message = _("The bank's serial number {serial} is known already, with another day or amount: nothing was imported.")
    cure = _("Ask the bank which of the two is right.")


class LineDealtWith(Refusal):
    """Somebody else was faster, or it was matched."""

    code = "line_dealt_with"
    message = _("This transfer was dealt with already.")


class ResolutionWaits(Refusal):
    """One proposal at a time."""

    code = "resolution_waits"
    message = _("A proposal for this transfer waits for a second person already.")


class ResolutionDone(Refusal):
    """It was decided already."""

    code = "resolution_decided"
    message = _("This proposal was decided already.")


class TransferReasonMissing(Refusal):
    """What people do by hand needs a reason."""

    code = "transfer_reason_missing"
    message = _("Please give the reason.")
    status = 422


class WhoseMissing(Refusal):
    """It is not said onto whose balance the money goes."""

    code = "whose_missing"
    message = _("Say whose balance the money goes onto.")
    status = 422


class SecondPerson(Refusal):
    """Whoever proposed it cannot agree to it."""

    code = "second_person_needed"
    message = _("You proposed this yourself: somebody else must decide.")
    status = 403


class RefundDealtWith(Refusal):
    """It has arrived already, or did not fail."""

    code = "refund_not_open"
    message = _("This refund was dealt with already.")


class TransferReferenceMissing(Refusal):
    """The bank's serial number of the payment is not given."""

    code = "transfer_reference_missing"
    message = _("Give the bank's serial number of the payment.")
    status = 422


class TooLittle(Refusal):
    """Less arrived than is owed."""

    code = "too_little"
    message = _("{amount} is less than what {number} costs: {expected}.")
    cure = _("Put it onto the prepaid balance: the customer pays from there.")


class StatementPaidAlready(Refusal):
    """Its money is there."""

    code = "statement_paid"
    message = _("The statement {number} is paid already.")
