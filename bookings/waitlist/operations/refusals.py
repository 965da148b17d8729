"""What those who want to wait, or answer an offer, are refused for."""

from django.utils.translation import gettext_lazy as _

from kernel.refusals import Refusal


class WindowOver(Refusal):
    """Nothing inside the window could be offered any more: an offer is made an hour before the use, at the latest."""

    code = "WINDOW_OVER"
    message = _("That time is over, or so near that nothing could be offered any more.")
    cure = _("Choose a time that ends later.")
    status = 422


class WindowTooLong(Refusal):
    """The window spans more time than one wish may."""

    code = "WINDOW_TOO_LONG"
    message = _("One wish may span {days} days at most.")
    cure = _("Choose a shorter time, or wait for several.")
    status = 422


class WindowTooShort(Refusal):
    """The use does not fit into the window."""

    code = "WINDOW_TOO_SHORT"
    message = _("A use of {minutes} minutes does not fit between these times.")
    cure = _("Choose a longer time, or a shorter use.")
    status = 422


class FreeNow(Refusal):
    """There is nothing to wait for: the wish could be booked at once."""

    code = "FREE_NOW"
    message = _("{instrument} is free: {start}. There is nothing to wait for.")
    cure = _("Book it now.")


class TooManyEntries(Refusal):
    """The organisation waits for as much as it may."""

    code = "WAITLIST_FULL"
    message = _("Your organisation waits for {most} things already, which is as many as it may.")
    cure = _("Withdraw one of them first.")


class AlreadyWaiting(Refusal):
    """The organisation waits for the very same."""

    code = "ALREADY_WAITING"
    message = _("Your organisation waits for exactly this already.")


class NothingFits(Refusal):
    """No instrument of the catalogue is what is looked for, whatever the time."""

    code = "NOTHING_FITS"
    message = _("No instrument in the catalogue is like that, whatever the time.")
    cure = _("Ask for less in the search.")
    status = 422


class NotWaiting(Refusal):
    """The entry is closed, or a time is offered for it just now."""

    code = "NOT_WAITING"
    message = _("That is not possible: {state}.")


class OfferAnswered(Refusal):
    """The offer was answered, or it ran out."""

    code = "OFFER_ANSWERED"
    message = _("This offer does not stand any more: {outcome}.")
