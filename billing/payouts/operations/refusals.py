"""Why something is not done with payouts and the platform's fee."""

from django.utils.translation import gettext_lazy as _

from kernel.refusals import Refusal


class NothingToPayOut(Refusal):
    """No lab is owed enough that was accepted."""

    code = "nothing_to_pay_out"
    message = _("No lab is to be paid for {due}.")
    cure = _("What settled less than 15 days before, and less than ¥100.00, is paid later.")


class PayoutsPreparedAlready(Refusal):
    """Somebody else prepared the same payouts at this moment."""

    code = "payouts_prepared_already"
    message = _("Somebody else has just prepared these payouts.")


class PayoutNotSoFar(Refusal):
    """The payout is in another state than this act needs."""

    code = "payout_not_so_far"
    message = _("This cannot be done with {number}: {state}.")


class NoPayoutChosen(Refusal):
    """No payout is named."""

    code = "no_payout_chosen"
    message = _("Choose at least one payout.")
    status = 422


class PayoutSecondPerson(Refusal):
    """Who prepared a payout does not approve it."""

    code = "second_person_needed"
    message = _("You prepared {number} yourself: a second person approves it.")
    status = 403


class PayoutReferenceMissing(Refusal):
    """The bank's serial number is missing."""

    code = "payout_reference_missing"
    message = _("Give the serial number under which the bank has paid.")
    status = 422


class PayoutReferenceUsed(Refusal):
    """Another payout was confirmed by this serial number."""

    code = "payout_reference_used"
    message = _("Another payout was confirmed by the serial number {reference}.")


class PayoutReasonMissing(Refusal):
    """It is not said why a payout was not paid."""

    code = "payout_reason_missing"
    message = _("Say why it is not paid.")
    status = 422


class MoreThanFeeIsLeft(Refusal):
    """More is to be taken than is the platform's and lies on the custody account."""

    code = "more_than_fee_is_left"
    message = _("{amount} cannot be taken out: {left} of the platform's fee is on the custody account.")
    status = 422


class FeeWithdrawalWaits(Refusal):
    """Another withdrawal waits for its second person."""

    code = "fee_withdrawal_waits"
    message = _("Another withdrawal waits for a second person already.")


class FeeWithdrawalDecided(Refusal):
    """It was decided already."""

    code = "fee_withdrawal_decided"
    message = _("This withdrawal is decided already.")


class FeeSecondPerson(Refusal):
    """Who proposed it does not decide it."""

    code = "second_person_needed"
    message = _("You proposed this yourself: a second person decides.")
    status = 403
