"""What is refused about invoices and credit notes, and why."""

from django.utils.translation import gettext_lazy as _

from kernel.refusals import Refusal


class NothingToInvoice(Refusal):
    """The order is not settled, was free, or all of its money went back."""

    code = "nothing_to_invoice"
    message = _("There is nothing to invoice for {number}: only a settled order that costs something is.")


class InvoicedAlready(Refusal):
    """The same money is not invoiced twice."""

    code = "invoiced_already"
    message = _("An invoice for {number} was asked for already.")
    cure = _("Withdraw the request, or have the laboratory take the invoice back first.")


class BuyerRefusal(Refusal):
    """Something is wrong with the buyer's block; `field` is where."""

    status = 422
    field = "name"


class TitleMissing(BuyerRefusal):
    code = "title_missing"
    message = _("Say whom the invoice is made out to.")


class TaxIdMissing(BuyerRefusal):
    code = "tax_id_missing"
    message = _("Say the buyer's tax id: the unified social credit code.")
    field = "tax_id"


class TaxIdWrong(BuyerRefusal):
    code = "tax_id_wrong"
    message = _("{tax_id} is no unified social credit code: a character is wrong or missing.")
    field = "tax_id"


class NotVerifiedForSpecial(BuyerRefusal):
    code = "not_verified_for_special"
    message = _("Only verified organisations get special VAT invoices.")
    cure = _("Ask for an ordinary one, or have the organisation verified first.")
    field = "kind"


class NotGeneralTaxpayer(BuyerRefusal):
    code = "not_general_taxpayer"
    message = _("Only general taxpayers get special VAT invoices; your organisation is not recorded as one.")
    cure = _("Ask for an ordinary one, or record the taxpayer type in the organisation's profile.")
    field = "kind"


class AddressMissing(BuyerRefusal):
    code = "address_missing"
    message = _("A special VAT invoice needs the buyer's address.")
    field = "address"


class PhoneMissing(BuyerRefusal):
    code = "phone_missing"
    message = _("A special VAT invoice needs the buyer's phone.")
    field = "phone"


class BankMissing(BuyerRefusal):
    code = "bank_missing"
    message = _("A special VAT invoice needs the buyer's bank.")
    field = "bank"


class AccountMissing(BuyerRefusal):
    code = "account_missing"
    message = _("A special VAT invoice needs the buyer's account.")
    field = "account"


class InvoiceNotOpen(Refusal):
    """It was answered or withdrawn already."""

    code = "invoice_not_open"
    message = _("This request was dealt with already.")


class NumberWrong(Refusal):
    """It cannot be the number of an invoice of that day."""

    code = "invoice_number_wrong"
    message = _("An invoice number has 20 digits and begins with the last two of its year: {number} does not.")
    status = 422
    field = "number"


class NumberTaken(Refusal):
    """Another invoice has that number."""

    code = "invoice_number_taken"
    message = _("Another invoice here has the number {number}.")
    field = "number"


class IssuedInFuture(Refusal):
    """The day of an invoice has not come."""

    code = "issued_in_future"
    message = _("An invoice cannot be of a day to come.")
    status = 422
    field = "issued_on"


class IssuerMissing(Refusal):
    """The issuer (开票人) is part of an invoice."""

    code = "issuer_missing"
    message = _("Say who wrote the invoice.")
    status = 422
    field = "issuer_name"


class WhyMissing(Refusal):
    """Whoever is told no reads why."""

    code = "reason_missing"
    message = _("Say why.")
    status = 422
    field = "reason"


class CategoryCodeWrong(Refusal):
    """The codes of goods and services have nineteen digits."""

    code = "category_code_wrong"
    message = _("A tax category's code has 19 digits.")
    status = 422
    field = "code"


class NotIssued(Refusal):
    """Only an issued invoice is taken back."""

    code = "invoice_not_issued"
    message = _("Only an invoice that was issued, and not taken back, can be taken back.")


class OnlyWhole(Refusal):
    """A wrong invoice, or one whose goods were returned, is taken back whole."""

    code = "credit_note_only_whole"
    message = _("For that reason an invoice is taken back whole, not in part.")
    status = 422
    field = "fen"


class MoreThanIsLeftOfInvoice(Refusal):
    """No more is taken back of a line than is left of it (BL-27)."""

    code = "more_than_is_left_of_invoice"
    message = _("{amount} is more than what is left of the invoice: {left}.")
    status = 422
    field = "fen"


class CreditNoteNotOpen(Refusal):
    """It was written or dropped already."""

    code = "credit_note_not_open"
    message = _("This credit note was dealt with already.")


class ConfirmationMissing(Refusal):
    """Without a confirmed form the tax channel writes no credit note (BL-27)."""

    code = "confirmation_missing"
    message = _("The confirmation form must be confirmed first.")
    cure = _("Enter its number, and that it was confirmed.")


class ConfirmationNumberMissing(Refusal):
    code = "confirmation_number_missing"
    message = _("Enter the number of the confirmation form.")
    status = 422
    field = "confirmation_number"
