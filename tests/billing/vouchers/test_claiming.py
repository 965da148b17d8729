"""Claims to the issuer (BL-16, E6b): prepared, submitted with evidence, reimbursed in part or refused; spot-checks."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Membership
from billing.ledger.chart import Account
from billing.models import ClaimBatch, ClaimItem, Grant, Line, Redemption, SpotCheck
from billing.vouchers import evidence
from billing.vouchers import operations as vouchers
from billing.vouchers.evidence import Document, Kind
from billing.vouchers.invariants import VOUCHERS
from billing.vouchers.operations.refusals import (
    AllRefused,
    CheckDecided,
    ClaimState,
    NothingToCheck,
    NothingToClaim,
    ReasonMissing,
)
from kernel.invariants import verified
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.vouchers import MONDAY_9, GrantFactory, consumed, reserved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def _books_hold() -> Any:
    yield
    assert [verdict for verdict in verified(VOUCHERS, now=MONDAY_9) if verdict.count] == []


@pytest.fixture
def by() -> Membership:
    return PlatformMembershipFactory()


@pytest.fixture
def grant() -> Grant:
    return GrantFactory()


def used(grant: Grant, number: int = 3) -> list[Redemption]:
    """So many settled orders of 1,000 yuan, of each of which the voucher paid 400."""
    return [consumed(grant, order=f"R{at}") for at in range(number)]


def claimed(grant: Grant, by: Membership) -> ClaimBatch:
    batch = vouchers.claim_batch(programme=grant.programme, by=by, now=MONDAY_9)
    return vouchers.submitted(batch=batch, by=by, now=MONDAY_9)


def balance(account: Account) -> int:
    return sum(Line.objects.filter(account=account).values_list("fen", flat=True))


def states() -> list[str]:
    return list(Redemption.objects.order_by("order_number").values_list("state", flat=True))


def test_a_claim_asks_for_what_was_used_and_nothing_else(grant: Grant, by: Membership) -> None:
    used(grant)
    reserved(grant, order="R9")
    consumed(GrantFactory(), order="R8")  # of another programme

    batch = vouchers.claim_batch(programme=grant.programme, by=by, now=MONDAY_9)

    assert (batch.state, batch.total_fen, batch.items.count()) == ("prepared", 120_000, 3)
    assert batch.number.startswith("VC20261123")
    with pytest.raises(NothingToClaim):
        vouchers.claim_batch(programme=grant.programme, by=by, now=MONDAY_9)


def test_a_prepared_claim_that_is_dropped_leaves_its_uses_to_the_next(grant: Grant, by: Membership) -> None:
    used(grant)
    first = vouchers.claim_batch(programme=grant.programme, by=by, now=MONDAY_9)

    vouchers.drop(batch=first, by=by, now=MONDAY_9)

    assert vouchers.claim_batch(programme=grant.programme, by=by, now=MONDAY_9).total_fen == 120_000
    with pytest.raises(ClaimState):
        vouchers.submitted(batch=first, by=by, now=MONDAY_9)


def test_e6b_what_the_issuer_pays_settles_what_the_programme_owes(grant: Grant, by: Membership) -> None:
    used(grant)
    batch = claimed(grant, by)

    paid = vouchers.reimbursed(batch=batch, reference="BANK-1", refused={}, by=by, now=MONDAY_9)

    assert (paid.state, paid.paid_fen, paid.reference) == ("reimbursed", 120_000, "BANK-1")
    assert states() == ["reimbursed"] * 3
    assert (balance(Account.VOUCHER_RECEIVABLE), balance(Account.CUSTODY_BANK)) == (0, 120_000)
    with pytest.raises(ClaimState):
        vouchers.reimbursed(batch=batch, reference="BANK-1", refused={}, by=by, now=MONDAY_9)


def test_what_the_issuer_does_not_accept_can_be_claimed_again(grant: Grant, by: Membership) -> None:
    used(grant)
    batch = claimed(grant, by)
    first = batch.items.order_by("pk").first()

    paid = vouchers.reimbursed(batch=batch, reference="", refused={first.pk: "缺合同"}, by=by, now=MONDAY_9)

    assert (paid.paid_fen, states()) == (80_000, ["consumed", "reimbursed", "reimbursed"])
    assert balance(Account.VOUCHER_RECEIVABLE) == 40_000
    again = vouchers.claim_batch(programme=grant.programme, by=by, now=MONDAY_9)
    assert [item.redemption.order_number for item in again.items.all()] == ["R0"]


def test_a_refusal_says_why_and_a_claim_of_which_nothing_is_paid_is_refused_whole(grant: Grant, by: Membership) -> None:
    used(grant, 1)
    batch = claimed(grant, by)
    item = batch.items.get()

    with pytest.raises(AllRefused):
        vouchers.reimbursed(batch=batch, reference="", refused={item.pk: "x"}, by=by, now=MONDAY_9)
    with pytest.raises(ReasonMissing):
        vouchers.refused(batch=batch, reason=" ", by=by, now=MONDAY_9)

    vouchers.refused(batch=batch, reason="超出预算年度", by=by, now=MONDAY_9)
    assert (states(), ClaimItem.objects.get().reason) == (["consumed"], "超出预算年度")


def test_a_refund_before_the_claim_is_submitted_makes_it_smaller(grant: Grant, by: Membership) -> None:
    used(grant, 2)
    batch = vouchers.claim_batch(programme=grant.programme, by=by, now=MONDAY_9)

    part = vouchers.take_back(order_number="R0", fen=10_000, now=MONDAY_9)
    whole = vouchers.take_back(order_number="R1", fen=40_000, now=MONDAY_9)

    batch.refresh_from_db()
    assert (part.reimbursed, whole.reimbursed, batch.total_fen) == (False, False, 30_000)
    assert [item.redemption.order_number for item in vouchers.items_of(batch)] == ["R0"]


def test_a_refund_while_the_claim_is_with_the_issuer_is_owed_back_to_the_programme(
    grant: Grant, by: Membership
) -> None:
    used(grant, 2)
    batch = claimed(grant, by)

    back = vouchers.take_back(order_number="R0", fen=10_000, now=MONDAY_9)
    whole = vouchers.take_back(order_number="R1", fen=40_000, now=MONDAY_9)

    assert (back.reimbursed, whole.reimbursed) == (True, True)
    paid = vouchers.reimbursed(batch=batch, reference="", refused={}, by=by, now=MONDAY_9)
    assert (paid.paid_fen, states()) == (80_000, ["reimbursed", "returned"])


def test_what_was_owed_back_is_set_off_where_the_issuer_then_pays_nothing(grant: Grant, by: Membership) -> None:
    used(grant, 1)
    batch = claimed(grant, by)
    vouchers.take_back(order_number="R0", fen=10_000, now=MONDAY_9)

    vouchers.refused(batch=batch, reason="不予兑付", by=by, now=MONDAY_9)

    assert (balance(Account.VOUCHER_RECEIVABLE), balance(Account.VOUCHER_RETURNABLE)) == (30_000, 10_000)


def test_a_refund_of_what_is_reimbursed_is_owed_back(grant: Grant, by: Membership) -> None:
    used(grant, 1)
    vouchers.reimbursed(batch=claimed(grant, by), reference="", refused={}, by=by, now=MONDAY_9)

    assert vouchers.take_back(order_number="R0", fen=40_000, now=MONDAY_9).reimbursed is True
    assert states() == ["returned"]


def test_the_evidence_is_kept_as_it_was_submitted_with_what_is_missing(
    grant: Grant, by: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [
        Document("R0", Kind.BILL, evidence.text("账单", [("订单", "R0")])),
        Document("R0", Kind.CONTRACT, b"%PDF-", "pdf"),
        Document("R0", Kind.BILL, b"second"),
    ]
    monkeypatch.setattr(evidence, "_providers", [lambda numbers: documents])
    used(grant, 2)

    batch = claimed(grant, by)
    monkeypatch.setattr(evidence, "_providers", [])

    with batch.evidence.open() as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        names = archive.namelist()
        listed = archive.read(f"{batch.number}.csv").decode("utf-8-sig").splitlines()
        manifest = archive.read("MANIFEST.csv").decode("utf-8-sig").splitlines()
        bill = archive.read("R0/3-bill-2.txt").decode("utf-8-sig")
    assert names == [
        f"{batch.number}.csv", "MANIFEST.csv", "R0/1-contract.pdf", "R0/3-bill.txt", "R0/3-bill-2.txt",
    ]  # fmt: skip
    assert len(listed) == 3
    assert grant.organisation.uscc in listed[1]
    assert len(manifest) == 1 + 5 + 4
    assert sum("尚无" in line for line in manifest) == 2 + 4
    assert "R0" in bill
    assert len(batch.evidence_sha256) == 64


def test_the_same_claim_makes_the_same_pack(grant: Grant, by: Membership) -> None:
    used(grant, 2)
    batch = vouchers.claim_batch(programme=grant.programme, by=by, now=MONDAY_9)
    items = vouchers.items_of(batch)

    assert evidence.pack(batch, items) == evidence.pack(batch, items)


def test_what_a_spot_check_holds_back_is_not_claimed_until_it_passes(grant: Grant, by: Membership) -> None:
    used(grant, 21)
    drawn = vouchers.draw_checks(programme=grant.programme, share_bp=1_000, by=by, now=MONDAY_9)
    assert len(drawn) == 3

    first, second, third = SpotCheck.objects.order_by("pk")
    vouchers.decide_check(check=first, passed=True, note="", by=by, now=MONDAY_9)
    with pytest.raises(ReasonMissing):
        vouchers.decide_check(check=second, passed=False, note="", by=by, now=MONDAY_9)
    vouchers.decide_check(check=second, passed=False, note="无上机记录", by=by, now=MONDAY_9)
    with pytest.raises(CheckDecided):
        vouchers.decide_check(check=first, passed=False, note="x", by=by, now=MONDAY_9)

    batch = vouchers.claim_batch(programme=grant.programme, by=by, now=MONDAY_9)
    there = set(batch.items.values_list("redemption", flat=True))
    assert len(there) == 19
    assert there & {first.redemption_id, second.redemption_id, third.redemption_id} == {first.redemption_id}


def test_what_was_drawn_before_is_not_drawn_again(grant: Grant, by: Membership) -> None:
    used(grant, 2)
    vouchers.draw_checks(programme=grant.programme, share_bp=10_000, by=by, now=MONDAY_9)

    with pytest.raises(NothingToCheck):
        vouchers.draw_checks(programme=grant.programme, share_bp=10_000, by=by, now=MONDAY_9 + timedelta(days=1))
