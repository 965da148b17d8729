"""
Who reacts to what: the one page.

`TO_ALL` hear every event. Those in `TO_EACH` run in the transaction of what happened, and undo it when they fail;
a reaction that only defers a job writes the job's row in that same transaction (see docs/adr/0004).
"""

from accounts.invitations.events import InvitationRenewed, MemberInvited
from accounts.memberships.events import MemberJoined, MembershipEnded, RoleChanged
from accounts.organisations.events import (
    OrganisationRejected,
    OrganisationSuspended,
    OrganisationVerified,
    VerificationSubmitted,
)
from accounts.tokens import operations as tokens
from accounts.tokens.events import ApiTokenMade
from audit.trail import operations as trail
from billing.bills.events import RefundDecided, RefundFailed
from billing.invoices import jobs as invoices
from billing.invoices.events import (
    CreditNoteIssued,
    CreditNoteWanted,
    InvoiceAsked,
    InvoiceIssued,
    InvoiceRejected,
)
from billing.ledger import jobs as ledger
from billing.ledger.events import BooksFoundWrong, PostingApproved, PostingDeclined, PostingProposed
from billing.payments import jobs as payments
from billing.payments.events import (
    BalanceToppedUp,
    BankStatementImported,
    MonthlyStatementMade,
    MonthlyStatementPaid,
    MonthlyStatementUnpaid,
    ResolutionProposed,
    TransferNotSentBack,
    TransferOwedBack,
    TransferReceived,
    TransferSentBack,
    TransferUnmatched,
)
from billing.payouts import jobs as payouts
from billing.payouts.events import (
    DifferencesFound,
    FeeWithdrawalDecided,
    FeeWithdrawalProposed,
    PayoutConfirmed,
    PayoutFailed,
    PayoutsDue,
    PayoutsPrepared,
)
from billing.vouchers import jobs as vouchers
from billing.vouchers.events import (
    ClaimRefused,
    ClaimReimbursed,
    VoucherApplied,
    VoucherDeclined,
    VoucherExpiresSoon,
    VoucherGranted,
)
from bookings.calendars import operations as calendars
from bookings.foresight import operations as foresight
from bookings.rentals import jobs as rentals
from bookings.rentals import risks, transfers
from bookings.rentals.events import (
    FREEING,
    RentalAbandoned,
    RentalApproved,
    RentalAtRisk,
    RentalAwaitsPayment,
    RentalCancelled,
    RentalCheckedIn,
    RentalCheckedOut,
    RentalConfirmed,
    RentalCutShort,
    RentalExpired,
    RentalExtended,
    RentalHandedOver,
    RentalInterrupted,
    RentalLacksOperator,
    RentalMoveDeclined,
    RentalMoveOffered,
    RentalNeedsRebooking,
    RentalNoShow,
    RentalPlaceRestored,
    RentalRebooked,
    RentalRejected,
    RentalRescheduled,
    RentalResumed,
    RentalRunsOver,
    RentalSafeAgain,
    RentalSettled,
    RentalSpared,
    RentalSubmitted,
    RentalUnusable,
    RentalUnusableContested,
)
from bookings.series import jobs as series
from bookings.series.events import (
    SeriesApproved,
    SeriesCancelled,
    SeriesConfirmed,
    SeriesMoved,
    SeriesRejected,
    SeriesSubmitted,
)
from bookings.staffing import operations as staffing
from bookings.tasks import operations as tasks
from bookings.waitlist import jobs as waiting
from bookings.waitlist import operations as waitlist
from bookings.waitlist.events import WaitlistGivenUp, WaitlistOffered, WaitlistOfferLapsed, WaitlistOver
from config.kinds import KINDS
from kernel import events
from labs.calibration.events import CalibrationAmended, CalibrationRecorded
from labs.catalogue.editing.events import InstrumentAdded, InstrumentEdited, LabEdited
from labs.desk import operations as desk
from labs.exchange import jobs as exchange
from labs.exchange.events import WorkbookHandedOver
from labs.expiries import jobs as expiries
from labs.expiries.events import ExpiriesNoticed
from labs.hours import operations as hours
from labs.hours.events import (
    DateExceptionAdded,
    DateExceptionRemoved,
    HolidaysImported,
    InstrumentOutageAnnounced,
    InstrumentStatusSet,
    OpeningHoursSet,
    OutageChanged,
    OutageLifted,
)
from labs.staff.events import (
    LeaveAnnounced,
    LeaveTakenBack,
    OperatorEdited,
    OperatorHoursSet,
    OperatorQualified,
    OperatorUnqualified,
    UserQualified,
)
from labs.tariffs.events import BookingPolicyPublished, TariffPublished
from notices import operations as notices
from portal import jobs as portal

TO_ALL: list[events.Reaction] = [trail.record]

TO_EACH: dict[type[events.Event], list[events.Reaction]] = {
    VerificationSubmitted: [portal.tell_operators],
    OrganisationVerified: [portal.tell_owners_verified],
    OrganisationRejected: [portal.tell_owners_rejected],
    OrganisationSuspended: [portal.tell_of_suspension],
    MemberInvited: [portal.invite_by_mail],
    InvitationRenewed: [portal.invite_by_mail],
    MemberJoined: [portal.tell_owners_of_member],
    RoleChanged: [portal.tell_member_of_role],
    MembershipEnded: [tokens.end_with_membership, calendars.end_with_membership, portal.tell_former_member],
    ApiTokenMade: [portal.tell_of_token],
    WorkbookHandedOver: [exchange.hand_over],
    CalibrationRecorded: [risks.hold_still, hours.follow_calibration, risks.reassess],
    CalibrationAmended: [risks.hold_still, hours.follow_calibration, risks.reassess],
    InstrumentOutageAnnounced: [foresight.hold_still, hours.follow_outage, foresight.displace],
    OutageChanged: [foresight.hold_still, hours.follow_outage, foresight.displace],
    OutageLifted: [foresight.hold_still, hours.follow_outage, foresight.displace],
    OpeningHoursSet: [foresight.hold_still, hours.follow_hours, foresight.displace],
    DateExceptionAdded: [foresight.hold_still, hours.follow_hours, foresight.displace],
    DateExceptionRemoved: [foresight.hold_still, hours.follow_hours, foresight.displace],
    HolidaysImported: [foresight.hold_still, hours.follow_hours, foresight.displace],
    InstrumentStatusSet: [foresight.hold_still, hours.follow_status, foresight.displace],
    ExpiriesNoticed: [expiries.tell_managers],
    PostingProposed: [ledger.tell_of_posting],
    PostingApproved: [ledger.tell_proposer],
    PostingDeclined: [ledger.tell_proposer],
    BooksFoundWrong: [ledger.tell_books_wrong],
    InstrumentAdded: [desk.keep_open_time],
    InstrumentEdited: [risks.hold_edited_still, desk.keep_open_time, risks.reassess_edited],
    LabEdited: [desk.keep_open_time],
    LeaveAnnounced: [staffing.staff],
    LeaveTakenBack: [staffing.staff],
    OperatorEdited: [staffing.staff],
    OperatorHoursSet: [staffing.staff],
    OperatorQualified: [staffing.staff],
    OperatorUnqualified: [staffing.staff],
    RentalSubmitted: [rentals.tell_managers],
    RentalApproved: [rentals.tell_customer],
    RentalRejected: [tasks.close_for_rental, rentals.tell_customer],
    RentalAwaitsPayment: [transfers.give_code, rentals.tell_awaits_payment],
    RentalExpired: [tasks.close_for_rental, rentals.tell_expired, series.tell_lapsed],
    RentalAtRisk: [tasks.open_for_rental, rentals.tell_customer],
    RentalSafeAgain: [tasks.close_calibration, rentals.tell_customer],
    RentalConfirmed: [rentals.tell_customer_and_lab],
    RentalCancelled: [tasks.close_for_rental, rentals.tell_cancelled],
    RentalRescheduled: [tasks.close_before_use, rentals.tell_customer_and_lab],
    RentalMoveOffered: [rentals.tell_customer],
    RentalMoveDeclined: [rentals.tell_desk],
    RentalHandedOver: [rentals.tell_handed_over],
    RentalNeedsRebooking: [tasks.open_for_displaced, rentals.tell_needs_rebooking],
    RentalLacksOperator: [tasks.open_for_unstaffed],
    RentalPlaceRestored: [tasks.close_displaced, rentals.tell_customer],
    RentalNoShow: [tasks.close_for_rental, rentals.tell_customer_and_lab],
    RentalCheckedIn: [tasks.close_before_use, rentals.tell_customer],
    RentalExtended: [rentals.tell_customer_and_lab],
    RentalCutShort: [tasks.open_for_cut_short, rentals.tell_customer],
    RentalSpared: [tasks.close_cut_short, rentals.tell_customer],
    RentalInterrupted: [tasks.close_cut_short, rentals.tell_customer],
    RentalResumed: [rentals.tell_customer_and_lab],
    RentalRebooked: [rentals.tell_customer_and_lab],
    RentalAbandoned: [rentals.tell_customer_and_lab],
    RentalUnusable: [tasks.open_for_unusable, rentals.tell_desk],
    RentalUnusableContested: [tasks.close_unusable, rentals.tell_customer],
    RentalRunsOver: [tasks.open_for_waiting, rentals.tell_who_waits],
    RentalCheckedOut: [tasks.close_cut_short, tasks.open_for_damage, rentals.tell_customer],
    RentalSettled: [tasks.close_unusable, rentals.tell_customer],
    SeriesSubmitted: [series.tell_managers],
    SeriesApproved: [series.tell_customer],
    SeriesRejected: [series.tell_customer],
    SeriesConfirmed: [series.tell_customer, series.tell_lab],
    SeriesMoved: [series.tell_customer, series.tell_lab],
    SeriesCancelled: [series.tell_customer, series.tell_lab],
    BankStatementImported: [payments.match_imported, payouts.confirm_imported],
    TransferReceived: [transfers.confirm],
    TransferUnmatched: [payments.tell_unmatched],
    TransferOwedBack: [payments.tell_owed_back],
    TransferSentBack: [payments.tell_sent_back],
    TransferNotSentBack: [payments.tell_not_sent],
    RefundFailed: [payments.tell_not_sent],
    ResolutionProposed: [payments.tell_proposed],
    BalanceToppedUp: [payments.tell_topped_up],
    MonthlyStatementMade: [payments.tell_statement],
    MonthlyStatementUnpaid: [payments.tell_statement],
    MonthlyStatementPaid: [payments.tell_statement],
    PayoutsDue: [payouts.tell_payouts_due],
    PayoutsPrepared: [payouts.tell_prepared],
    PayoutConfirmed: [payouts.tell_confirmed],
    PayoutFailed: [payouts.tell_failed],
    FeeWithdrawalProposed: [payouts.tell_withdrawal],
    FeeWithdrawalDecided: [payouts.tell_withdrawal_decided],
    DifferencesFound: [payouts.tell_differences],
    RefundDecided: [invoices.follow_refund],
    InvoiceAsked: [invoices.tell_asked],
    InvoiceIssued: [invoices.tell_answered],
    InvoiceRejected: [invoices.tell_answered],
    CreditNoteWanted: [invoices.tell_wanted],
    CreditNoteIssued: [invoices.tell_taken_back],
    VoucherGranted: [vouchers.tell_of_grant],
    VoucherExpiresSoon: [vouchers.tell_of_grant],
    VoucherDeclined: [vouchers.tell_declined],
    VoucherApplied: [vouchers.tell_operators_of_application],
    ClaimRefused: [vouchers.tell_operators_of_refusal],
    ClaimReimbursed: [vouchers.look_for_refused],
}

FOR_THE_WAITLIST: list[tuple[tuple[type[events.Event], ...], events.Reaction]] = [
    (
        (RentalSubmitted, RentalAwaitsPayment, RentalConfirmed, RentalExpired, RentalRejected, RentalCancelled),
        waitlist.follow,
    ),
    ((RentalNeedsRebooking,), waitlist.put_first),
    ((RentalPlaceRestored, RentalCancelled, RentalRescheduled, RentalRebooked, RentalAbandoned), waitlist.step_back),
    (FREEING, waiting.after_rental),
    (
        (
            OutageChanged,
            OutageLifted,
            OpeningHoursSet,
            DateExceptionAdded,
            DateExceptionRemoved,
            InstrumentStatusSet,
            InstrumentEdited,
            CalibrationRecorded,
            CalibrationAmended,
            BookingPolicyPublished,
            TariffPublished,
            LeaveTakenBack,
            OperatorEdited,
            OperatorHoursSet,
            OperatorQualified,
            UserQualified,
        ),
        waiting.after_change,
    ),
    ((WaitlistOffered, WaitlistOfferLapsed), waiting.tell_of_offer),
    ((WaitlistOver, WaitlistGivenUp), waiting.tell_over),
]
"""Who waits for time follows what frees it: these reactions come after those above."""

for kinds, reaction in FOR_THE_WAITLIST:
    for kind in kinds:
        TO_EACH.setdefault(kind, []).append(reaction)

for done in dict.fromkeys(act for kind_of_notice in KINDS for act in kind_of_notice.done_by):
    if done is not RentalConfirmed:  # on everybody's way: `rentals.tell_customer_and_lab` sees to it where there is any
        TO_EACH.setdefault(done, []).append(notices.see_done)
"""Notices that asked for what is done now are read, whoever of the organisation did it."""

TOGETHER: dict[events.Reaction, events.Together] = {
    trail.record: trail.record_all,
    tasks.close_for_rental: tasks.close_for_rentals,
    waitlist.step_back: waitlist.step_back_all,
    waiting.after_rental: waiting.after_rentals,
    notices.see_done: notices.see_all_done,
    series.tell_lapsed: series.tell_lapsed_all,
}
"""How those react to many facts of one act who need not be told of each by itself."""


def connect() -> None:
    """Join the events to their reactions; called once when the platform starts."""
    events.connect(to_all=TO_ALL, to_each=TO_EACH, together=TOGETHER)
