"""What people are told about payouts, the platform's fee and differences; their letters say no more than that."""

from datetime import datetime
from typing import Any

from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext_lazy as _

from billing.payouts.events import FeeWithdrawalDecided
from notices.facts import told
from notices.kinds import Facts, Group, Kind


class _Sentence:
    """A sentence filled from the facts, in the language in which it is read."""

    def __init__(self, sentence: str | Promise, facts: Facts) -> None:
        self.sentence, self.facts = sentence, facts

    def __str__(self) -> str:
        return str(self.sentence).format_map(told(self.facts))


def _kind(name: str, group: Group, label: str | Promise, sentence: str | Promise, **how: Any) -> Kind:
    """Return a kind whose letter says what its sentence says."""

    def gather(facts: Facts, now: datetime) -> Facts:
        del now
        return {"sentence": lazystr(_Sentence(sentence, facts))}

    return Kind(name, group, label=label, sentence=sentence, gather=gather, **how)


KINDS = (
    _kind(
        "payouts_due",
        Group.APPROVALS,
        _("Labs are to be paid"),
        _("Today {labs} labs are to be paid: prepare their payouts."),
    ),
    _kind(
        "payouts_prepared",
        Group.APPROVALS,
        _("Payouts wait for a second person"),
        _("The payouts {number} to {payouts} labs wait for a second person."),
    ),
    _kind(
        "payout_failed",
        Group.APPROVALS,
        _("A payout was not paid"),
        _("The payout {number} was not paid: {why}"),
    ),
    _kind(
        "payout_confirmed",
        Group.ORGANISATION,
        _("The lab was paid"),
        _("The payout {number} is on the lab's account."),
    ),
    _kind(
        "payout_not_paid",
        Group.ORGANISATION,
        _("The lab could not be paid"),
        _("The bank could not carry out the payout {number}: {why} It is paid with the next one."),
    ),
    _kind(
        "fee_withdrawal_proposed",
        Group.APPROVALS,
        _("Taking out the platform's fee waits for a second person"),
        _("{who} wants to take the platform's fee out of custody: a second person decides."),
        done_by=(FeeWithdrawalDecided,),
        about="withdrawal:{0.withdrawal_id}",
    ),
    _kind(
        "fee_withdrawal_approved",
        Group.APPROVALS,
        _("The platform's fee is taken out"),
        _("{who} has agreed: the platform's fee is taken out of custody."),
    ),
    _kind(
        "fee_withdrawal_declined",
        Group.APPROVALS,
        _("Taking out the platform's fee is declined"),
        _("{who} has not agreed to take the platform's fee out of custody."),
    ),
    _kind(
        "differences_found",
        Group.APPROVALS,
        _("The books do not agree with the bank or the bills"),
        _("The reconciliation found {opened} new differences; {standing} stand in all."),
        is_urgent=True,
    ),
)
