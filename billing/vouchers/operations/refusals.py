"""What those who use, give or claim vouchers are refused for."""

from django.utils.translation import gettext_lazy as _

from billing.vouchers.rules import Obstacle
from kernel.refusals import Refusal


class ProgrammeClosed(Refusal):
    """The programme is a draft, or it was closed."""

    code = "voucher_programme_closed"
    message = _("The programme gives and pays nothing at present.")


class ProgrammeNotBegun(Refusal):
    """The programme begins later."""

    code = "voucher_not_yet_valid"
    message = _("The programme has not begun yet.")
    cure = _("Choose a time after {valid_from}.")


class VoucherOver(Refusal):
    """The voucher, or its programme, has ended."""

    code = "voucher_expired"
    message = _("The voucher can no longer be used.")


class VoucherOverAtService(Refusal):
    """The voucher ends before the service starts (BL-16)."""

    code = "voucher_expires_before_service"
    message = _("The voucher ends before the service starts.")
    cure = _("Choose a time until {usable_until}.")


class KindNotPaid(Refusal):
    """The programme does not pay this kind of service."""

    code = "voucher_kind_not_paid"
    message = _("The programme does not pay this kind of service.")


class NotVerified(Refusal):
    """Only verified organisations have vouchers."""

    code = "voucher_needs_verification"
    message = _("Vouchers are for verified organisations.")
    cure = _("Have the organisation verified.")


class SizeNotEligible(Refusal):
    """The programme is for organisations of other sizes."""

    code = "voucher_size_not_eligible"
    message = _("The programme is for organisations of other sizes.")


class DistrictNotEligible(Refusal):
    """The programme is for other districts."""

    code = "voucher_district_not_eligible"
    message = _("The programme is for organisations of other districts.")


class LabNotEligible(Refusal):
    """The programme does not pay this lab."""

    code = "voucher_lab_not_eligible"
    message = _("The programme does not pay services of this laboratory.")


class Affiliated(Refusal):
    """Customer and lab belong together."""

    code = "voucher_affiliates"
    message = _("The laboratory and the customer are affiliates: no voucher pays between them.")


OF_OBSTACLE: dict[Obstacle, type[Refusal]] = {
    Obstacle.CLOSED: ProgrammeClosed,
    Obstacle.NOT_YET: ProgrammeNotBegun,
    Obstacle.OVER: VoucherOver,
    Obstacle.OVER_AT_SERVICE: VoucherOverAtService,
    Obstacle.KIND: KindNotPaid,
    Obstacle.NOT_VERIFIED: NotVerified,
    Obstacle.SIZE: SizeNotEligible,
    Obstacle.DISTRICT: DistrictNotEligible,
    Obstacle.LAB: LabNotEligible,
    Obstacle.AFFILIATED: Affiliated,
}


class NoVoucher(Refusal):
    """The organisation holds no voucher of the programme with something left."""

    code = "voucher_none_left"
    message = _("There is no voucher of {programme} with anything left.")
    cure = _("Apply for a voucher.")


class NothingLeft(Refusal):
    """The voucher would pay nothing: a limit is used up, or no line of the order is eligible."""

    code = "voucher_pays_nothing"
    message = _("The voucher would pay nothing of this order: {bound}.")


class OrderHasVoucher(Refusal):
    """One programme an order (BL-14)."""

    code = "voucher_already_on_order"
    message = _("A voucher already pays a part of order {order}: one for each order.")


class OrderWithoutVoucher(Refusal):
    """No voucher is reserved for the order, or none was used."""

    code = "voucher_not_on_order"
    message = _("No voucher in that state is on order {order}.")
    status = 404


class MoreThanReserved(Refusal):
    """More would be used than is reserved, or taken back than was used."""

    code = "voucher_amount_exceeded"
    message = _("{asked} is more than the {there} that the voucher holds for order {order}.")


class GrantTooLarge(Refusal):
    """What an organisation has been granted this year would exceed the yearly cap."""

    code = "voucher_face_exceeds_cap"
    message = _("At most {left} can be granted to this organisation this year.")
    status = 422
    field = "face"


class GrantEndsWrong(Refusal):
    """The voucher would end before today, or after its programme."""

    code = "voucher_end_outside_programme"
    message = _("A voucher ends between today and {valid_to}, the end of its programme.")
    status = 422
    field = "expires_on"


class ApplicationWaits(Refusal):
    """One application of a programme at a time."""

    code = "voucher_application_waits"
    message = _("An application for this programme is waiting for a decision already.")


class ApplicationDecided(Refusal):
    """The application was decided, or withdrawn."""

    code = "voucher_application_decided"
    message = _("This application has been decided already: {state}.")


class ReasonMissing(Refusal):
    """Whoever is refused reads why."""

    code = "voucher_reason_missing"
    message = _("Say why: it is read by whom it concerns.")
    status = 422
    field = "reason"


class ProgrammeWrong(Refusal):
    """What is entered contradicts itself, or what has been given already."""

    code = "voucher_programme_contradicts"
    message = _("That does not fit: {why}")
    status = 422


class ProgrammeCodeTaken(Refusal):
    """Codes are unique."""

    code = "voucher_programme_code_taken"
    message = _("There is a programme of that code already.")
    status = 422
    field = "code"


class BudgetCommitted(Refusal):
    """A budget cannot fall below what is reserved and paid."""

    code = "voucher_budget_below_committed"
    message = _("{committed} of the budget is reserved or paid: it cannot be less.")
    status = 422
    field = "budget"


class NothingToClaim(Refusal):
    """Every use is claimed, held back by a spot-check, or not settled."""

    code = "voucher_nothing_to_claim"
    message = _("Nothing of this programme can be claimed now.")


class ClaimState(Refusal):
    """A claim is prepared, then submitted, then answered."""

    code = "voucher_claim_in_other_state"
    message = _("Claim {number} is {state}: that can no longer be done.")


class AllRefused(Refusal):
    """A claim of which nothing is paid is refused as a whole."""

    code = "voucher_claim_all_refused"
    message = _("No use is left to be reimbursed: refuse the whole claim instead.")
    status = 422


class CheckDecided(Refusal):
    """A spot-check is decided once."""

    code = "voucher_check_decided"
    message = _("This spot-check has been decided already.")


class NothingToCheck(Refusal):
    """No used voucher is left that nobody has looked at."""

    code = "voucher_nothing_to_check"
    message = _("No use of this programme is left to be drawn.")


class AffiliateUnknown(Refusal):
    """No organisation has that name or number."""

    code = "affiliate_unknown"
    message = _("No organisation here is registered under that number.")
    status = 422
    field = "number"


class AffiliateIsSelf(Refusal):
    """An organisation is no affiliate of itself."""

    code = "affiliate_is_self"
    message = _("That is the organisation itself.")
    status = 422
    field = "number"


class AffiliateFound(Refusal):
    """What the platform found is taken back by the platform only."""

    code = "affiliate_found_by_platform"
    message = _("The platform has found this affiliation: please write to it.")
    status = 403
