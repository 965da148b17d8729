"""The chart of accounts (BL-34): what each counts and by what it is kept, and of what an entry may be."""

from dataclasses import dataclass
from enum import StrEnum


class Account(StrEnum):
    """The accounts by their codes."""

    OWN_BANK = "1001"
    CUSTODY_BANK = "1002"
    PSP_CLEARING = "1012"
    RECEIVABLE = "1122"
    VOUCHER_RECEIVABLE = "1123"
    DISPUTES = "1131"
    ADVANCES = "2203"
    PREPAID = "2204"
    ESCROW = "2205"
    DEPOSITS = "2206"
    LAB_PAYABLE = "2207"
    REFUNDS_PAYABLE = "2208"
    VOUCHER_RETURNABLE = "2209"
    OUTPUT_VAT = "2221"
    SUSPENSE = "2299"
    FEE_INCOME = "6001"
    PROVIDER_FEES = "6601"
    COMPENSATION = "6602"


class Type(StrEnum):
    """What an account counts; assets and expenses grow by debits, the others by credits."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def sign(self) -> int:
        """By what a signed balance is multiplied to be read as this type's own: 1 or -1."""
        return 1 if self in (Type.ASSET, Type.EXPENSE) else -1


class Per(StrEnum):
    """What an account has its sub-ledgers by: each of its lines names one."""

    NOTHING = ""
    ORGANISATION = "organisation"
    ORDER = "order"
    LAB = "lab"
    PROGRAMME = "programme"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Kept:
    """An account of the chart: its names, its type, and what its sub-ledgers are by."""

    name_zh: str
    name_en: str
    type: Type
    per: Per = Per.NOTHING


CHART: dict[Account, Kept] = {
    Account.OWN_BANK: Kept("自有户", "Own bank", Type.ASSET),
    Account.CUSTODY_BANK: Kept("存管户", "Custody bank", Type.ASSET),
    Account.PSP_CLEARING: Kept("第三方支付在途", "Payment provider clearing", Type.ASSET, Per.PROVIDER),
    Account.RECEIVABLE: Kept("月结应收", "Customer receivable", Type.ASSET, Per.ORGANISATION),
    Account.VOUCHER_RECEIVABLE: Kept("应收财政券款", "Voucher receivable", Type.ASSET, Per.PROGRAMME),
    Account.DISPUTES: Kept("支付争议应收", "Payment disputes receivable", Type.ASSET),
    Account.ADVANCES: Kept("预收待分配", "Customer advances", Type.LIABILITY, Per.ORGANISATION),
    Account.PREPAID: Kept("预存款", "Prepaid balance", Type.LIABILITY, Per.ORGANISATION),
    Account.ESCROW: Kept("待结算款", "Order escrow", Type.LIABILITY, Per.ORDER),
    Account.DEPOSITS: Kept("押金", "Deposits", Type.LIABILITY, Per.ORDER),
    Account.LAB_PAYABLE: Kept("应付机构", "Lab payable", Type.LIABILITY, Per.LAB),
    Account.REFUNDS_PAYABLE: Kept("应退款", "Refunds payable", Type.LIABILITY, Per.ORGANISATION),
    Account.VOUCHER_RETURNABLE: Kept("应退财政券款", "Voucher returnable to programme", Type.LIABILITY, Per.PROGRAMME),
    Account.OUTPUT_VAT: Kept("销项税额", "Output VAT", Type.LIABILITY),
    Account.SUSPENSE: Kept("待查", "Suspense", Type.LIABILITY),
    Account.FEE_INCOME: Kept("平台服务费收入", "Platform fee income", Type.INCOME),
    Account.PROVIDER_FEES: Kept("支付手续费", "Payment-provider fees", Type.EXPENSE),
    Account.COMPENSATION: Kept("平台承担的赔付", "Compensation borne by platform", Type.EXPENSE),
}

BY_HAND = "hand"
REVERSAL = "reversal"
EVENTS: dict[str, tuple[str, str]] = {
    "E1": ("在线支付到账", "Online payment succeeded"),
    "E2": ("银行转账到账", "Bank transfer received"),
    "E2b": ("待查款认领", "Suspense resolved"),
    "E3": ("订单确认，分配自有资金", "Order confirmed, own funds allocated"),
    "E3b": ("余额支付或月结", "Paid from balance, or on credit"),
    "E3c": ("月结账单已付", "Monthly statement paid"),
    "E3d": ("转入另一订单", "Carried over to another order"),
    "E4": ("预存款充值", "Prepaid balance topped up"),
    "E5": ("押金收取、退还或扣除", "Deposit paid, returned or deducted"),
    "E6": ("结算时核销创新券", "Voucher consumed at settlement"),
    "E6b": ("财政券款到账", "Programme reimbursed"),
    "E7": ("订单结算", "Settlement"),
    "E8a": ("结算前应退款", "Refund owed before settlement"),
    "E8b": ("退款成功", "Refund succeeded"),
    "E9": ("订单取消", "Cancellation"),
    "E10": ("结算后退款", "Refund after settlement"),
    "E11": ("向机构付款", "Payout to lab"),
    "E12": ("支付机构结算到账", "Provider payout"),
    "E12b": ("补足存管户", "Custody made whole"),
    "E13": ("支付争议", "Payment dispute"),
    "E14": ("平台提取服务费", "Platform fee taken out of custody"),
    BY_HAND: ("手工记账", "Posted by hand"),
    REVERSAL: ("冲销", "Reversal"),
}
"""
What an entry is of, by its code, in Chinese and in English.

Beside the table of the requirements: E3c pays what E3b left owed, E3d takes back what E3 put aside, for another order.
"""

NAMED_BY = {
    Per.ORGANISATION: "organisation_id",
    Per.ORDER: "order_number",
    Per.LAB: "lab_id",
    Per.PROGRAMME: "programme_id",
    Per.PROVIDER: "provider",
}
"""Which column of a line names what its account is kept by."""


def party(account: Account, **about: int | str | None) -> str:
    """Return whose sub-ledger of an account is meant by what is named; '' where the account has none, or none is."""
    per = CHART[account].per
    named = about.get(NAMED_BY[per]) if per else None
    return "" if named is None else str(named)
