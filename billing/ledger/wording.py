"""What the invariants of the books say, for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHECKS: dict[str, str | Promise] = {
    "ledger_entry_is_balanced": _("Every entry balances"),
    "ledger_comes_to_nothing": _("All lines together come to nothing"),
    "ledger_line_is_of_its_entry": _("Every line was posted with its entry"),
    "ledger_reversal_is_the_opposite": _("Every reversal takes back what it reverses"),
    "ledger_running_is_the_sum": _("The running figures are the sums of their lines"),
    "ledger_control_is_its_sub_ledgers": _("Every account is the sum of its sub-ledgers"),
    "client_money_is_there": _("Money of others is there"),
}
