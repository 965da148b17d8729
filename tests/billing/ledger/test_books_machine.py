"""
Random events in random order, against a model that keeps plain sums: after each step the books balance, the accounts
are their sub-ledgers, and what runs is what the lines add up to.
"""

from collections import Counter, defaultdict
from itertools import count

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from billing.ledger import operations, queries
from billing.ledger import rules as ledger
from billing.ledger.invariants import LEDGER
from billing.ledger.rules import CHART, Account
from billing.models import Entry
from kernel.invariants import verified
from tests.factories.accounts import OrganisationFactory
from tests.factories.labs import LabFactory
from tests.factories.ledger import MONDAY_9

AMOUNTS = st.integers(1, 100_000)
SHARES = st.integers(0, 10_000)
PEOPLE = st.integers(0, 2)
PROGRAMMES = st.integers(1, 2)
VIA = st.sampled_from([Account.PSP_CLEARING, Account.CUSTODY_BANK])


class Order:
    """What the model knows of an order: whose it is, and what lies in its escrow."""

    def __init__(self, number, customer, lab, own):
        self.number, self.customer, self.lab = number, customer, lab
        self.own = self.escrow = own
        self.voucher = 0


class Books(RuleBasedStateMachine):
    """Everything that can happen to money, as the requirements have it (E1 to E14)."""

    confirmed = Bundle("confirmed")
    settled = Bundle("settled")
    disputed = Bundle("disputed")
    entries = Bundle("entries")

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.customers = [each.pk for each in OrganisationFactory.create_batch(3)]
        self.labs = [each.pk for each in LabFactory.create_batch(3)]
        self.numbers = count(1)
        self.sums = defaultdict(int)
        self.orders = {}
        self.posted = 0
        self.fees = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def post(self, event, legs, order_number=""):
        event_id = f"{event}:{next(self.numbers)}"
        entry = operations.post(event_id=event_id, event=event, legs=legs, at=MONDAY_9, order_number=order_number)
        again = operations.post(event_id=event_id, event=event, legs=legs, at=MONDAY_9, order_number=order_number)
        assert entry == again
        self.posted += 1
        for leg in legs:
            self.sums[leg.account, leg.party] += leg.fen
        return entry

    def held(self, account, key=""):
        return CHART[account].type.sign * self.sums[account, str(key)]

    # --- Money comes in ---------------------------------------------------------------------------------------------

    @rule(target=entries, who=PEOPLE, fen=AMOUNTS)
    def paid_online(self, who, fen):
        return self.post("E1", ledger.online_payment(fen, self.customers[who], "fake"))

    @rule(who=PEOPLE, fen=AMOUNTS)
    def transferred(self, who, fen):
        self.post("E2", ledger.bank_transfer(fen, self.customers[who]))

    @rule(target=entries, fen=AMOUNTS)
    def transferred_by_nobody_knows_whom(self, fen):
        return self.post("E2", ledger.unmatched_transfer(fen))

    @precondition(lambda self: self.held(Account.SUSPENSE) > 0)
    @rule(who=PEOPLE, share=SHARES)
    def suspense_is_resolved(self, who, share):
        fen = max(1, self.held(Account.SUSPENSE) * share // 10_000)
        self.post("E2b", ledger.suspense_resolved(fen, self.customers[who]))

    @rule(who=PEOPLE, fen=AMOUNTS, via=VIA)
    def topped_up(self, who, fen, via):
        self.post("E4", ledger.topped_up(fen, self.customers[who], via, "fake"))

    # --- An order's life --------------------------------------------------------------------------------------------

    @rule(target=confirmed, who=PEOPLE, lab=PEOPLE, fen=AMOUNTS, way=st.sampled_from(["advance", "balance", "credit"]))
    def confirmed_order(self, who, lab, fen, way):
        customer, number = self.customers[who], f"R{next(self.numbers)}"
        if way == "credit":
            self.post("E3b", ledger.on_credit(fen, customer, number), number)
        elif way == "balance":
            missing = fen - self.held(Account.PREPAID, customer)
            if missing > 0:
                self.post("E4", ledger.topped_up(missing, customer, Account.CUSTODY_BANK))
            self.post("E3b", ledger.from_balance(fen, customer, number), number)
        else:
            missing = fen - self.held(Account.ADVANCES, customer)
            if missing > 0:
                self.post("E1", ledger.online_payment(missing, customer, "fake"))
            self.post("E3", ledger.allocated(fen, customer, number), number)
        order = self.orders[number] = Order(number, customer, self.labs[lab], fen)
        return order

    @rule(order=confirmed, share=SHARES)
    def refunded_in_part(self, order, share):
        fen = order.own * share // 20_000
        if 0 < fen < order.own and order.escrow:
            self.post("E8a", ledger.refund_owed(fen, order.customer, order.number), order.number)
            order.own -= fen
            order.escrow -= fen

    @rule(target=settled, order=consumes(confirmed), voucher=st.integers(0, 50_000), programme=PROGRAMMES)
    def settled_order(self, order, voucher, programme):
        if voucher:
            self.post("E6", ledger.voucher_consumed(voucher, programme, order.number), order.number)
        gross = order.own + voucher
        legs = ledger.settled(gross, ledger.PLATFORM_FEE_BP, order.lab, order.number)
        self.post("E7", legs, order.number)
        self.fees += ledger.platform_fee(gross)
        order.voucher, order.programme, order.escrow = voucher, programme, 0
        return order

    @rule(order=consumes(confirmed), share=SHARES)
    def cancelled_order(self, order, share):
        fee = order.own * share // 10_000
        self.post("E9", ledger.cancelled(order.own, fee, order.lab, order.customer, order.number), order.number)
        order.escrow = 0

    @rule(order=consumes(settled), share=st.integers(1, 10_000))
    def refunded_after_settlement(self, order, share):
        own, voucher = order.own * share // 10_000, order.voucher * share // 10_000
        if own + voucher:
            back = min(ledger.platform_fee(own + voucher), ledger.platform_fee(order.own + order.voucher))
            owed = self.held(Account.VOUCHER_RECEIVABLE, order.programme) >= voucher
            legs = ledger.refunded_after_settlement(
                own, voucher, back, order.lab, order.customer, order.programme, reimbursed=not owed
            )
            self.post("E10", legs, order.number)
            self.fees -= back

    @precondition(lambda self: any(self.held(Account.REFUNDS_PAYABLE, each) > 0 for each in self.customers))
    @rule(via=st.sampled_from([Account.PSP_CLEARING, Account.CUSTODY_BANK, Account.PREPAID, Account.RECEIVABLE]))
    def refunds_are_paid(self, via):
        for customer in self.customers:
            if (fen := self.held(Account.REFUNDS_PAYABLE, customer)) > 0:
                self.post("E8b", ledger.refund_paid(fen, customer, via, "fake"))

    @rule(who=PEOPLE, lab=PEOPLE, fen=AMOUNTS, share=SHARES, via=VIA)
    def a_deposit_comes_and_goes(self, who, lab, fen, share, via):
        customer, number, kept = self.customers[who], f"R{next(self.numbers)}", fen * share // 10_000
        self.post("E5", ledger.deposit_paid(fen, customer, number, via, "fake"), number)
        if kept:
            self.post("E5", ledger.deposit_deducted(kept, customer, number, self.labs[lab]), number)
        if fen - kept:
            self.post("E5", ledger.deposit_returned(fen - kept, customer, number), number)
        assert self.held(Account.DEPOSITS, number) == 0

    # --- Money goes between banks, providers, programmes and labs ----------------------------------------------------

    @precondition(lambda self: any(self.held(Account.VOUCHER_RECEIVABLE, each) > 0 for each in (1, 2)))
    @rule()
    def programmes_reimburse(self):
        for programme in (1, 2):
            if (fen := self.held(Account.VOUCHER_RECEIVABLE, programme)) > 0:
                self.post("E6b", ledger.programme_reimbursed(fen, programme))

    @precondition(lambda self: any(self.held(Account.RECEIVABLE, each) > 0 for each in self.customers))
    @rule()
    def statements_are_paid(self):
        for customer in self.customers:
            if (fen := self.held(Account.RECEIVABLE, customer)) > 0:
                self.post("E2", ledger.bank_transfer(fen, customer))
                self.post("E3c", ledger.credit_paid(fen, customer))

    @precondition(lambda self: self.held(Account.PSP_CLEARING, "fake") > 0)
    @rule(per_mille=st.integers(0, 10))
    def the_provider_pays_out(self, per_mille):
        gross = self.held(Account.PSP_CLEARING, "fake")
        fee = gross * per_mille // 1_000
        self.post("E12", ledger.provider_payout(gross, fee, "fake"))
        if fee:
            self.post("E12b", ledger.custody_made_whole(fee))

    @precondition(lambda self: any(self.held(Account.LAB_PAYABLE, each) > 0 for each in self.labs))
    @rule()
    def labs_are_paid(self):
        for lab in self.labs:
            if (fen := self.held(Account.LAB_PAYABLE, lab)) > 0:
                self.post("E11", ledger.payout(fen, lab))

    @precondition(lambda self: self.fees > 0)
    @rule()
    def the_platform_takes_its_fees(self):
        self.post("E14", ledger.fee_taken(self.fees))
        self.fees = 0

    @precondition(lambda self: self.held(Account.PSP_CLEARING, "fake") > 0)
    @rule(target=disputed, share=st.integers(1, 10_000))
    def a_payment_is_disputed(self, share):
        fen = max(1, self.held(Account.PSP_CLEARING, "fake") * share // 10_000)
        self.post("E13", ledger.dispute_opened(fen, "fake"))
        return fen

    @rule(fen=consumes(disputed), lab=st.sampled_from([0, 1, 2, None]), is_won=st.booleans())
    def a_dispute_is_decided(self, fen, lab, is_won):
        if is_won:
            self.post("E13", ledger.dispute_won(fen, "fake"))
        else:
            self.post("E13", ledger.dispute_lost(fen, None if lab is None else self.labs[lab], "fake"))

    @rule(entry=consumes(entries))
    def taken_back(self, entry):
        back = operations.reverse(entry=entry, by=None, reason="random", now=MONDAY_9)
        self.posted += 1
        for leg in operations.posting.legs_of(back):
            self.sums[leg.account, leg.party] += leg.fen

    # --- What always holds --------------------------------------------------------------------------------------------

    @invariant()
    def the_books_are_what_the_model_says(self):
        by_account = Counter()
        for (account, _), fen in self.sums.items():
            by_account[account] += fen
        balance = queries.trial_balance()
        assert sum(each.balance.fen for each in balance) == 0
        assert {each.account: each.balance.fen for each in balance if each.balance} == {
            account: fen for account, fen in by_account.items() if fen
        }

    @invariant()
    def every_account_is_its_sub_ledgers(self):
        for account, kept in CHART.items():
            if not kept.per:
                continue
            found = {each.party: each.balance.fen for each in queries.sub_ledger(account, open_only=True)}
            assert found == {key: fen for (its, key), fen in self.sums.items() if its == account and fen}
            assert kept.type.sign * sum(found.values()) == queries.balance(account).fen

    @invariant()
    def the_escrow_of_an_order_is_what_is_not_settled_or_cancelled(self):
        for order in self.orders.values():
            assert self.held(Account.ESCROW, order.number) == order.escrow
        assert queries.balance(Account.ESCROW).fen == sum(order.escrow for order in self.orders.values())

    @invariant()
    def every_invariant_of_the_database_holds_but_for_money_that_was_really_lost(self):
        broken = {verdict.invariant.name for verdict in verified(LEDGER, now=MONDAY_9) if verdict.count}
        assert broken <= {"client_money_is_there"}
        assert ("client_money_is_there" in broken) == (not queries.client_money().is_whole)
        assert Entry.objects.count() == self.posted


class TestBooks(Books.TestCase, TestCase):
    settings = settings(max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
