"""Who is told what happens to vouchers, and the letters they are sent."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from billing.vouchers import jobs
from billing.vouchers import operations as vouchers
from kernel.money import Money
from notices import letters
from notices.models import Notice
from tests.factories.accounts import MembershipFactory, PlatformMembershipFactory
from tests.factories.vouchers import MONDAY_9, GrantFactory, ProgrammeFactory, consumed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def told() -> list[tuple[str, int, str]]:
    """What was told, to whom, where it leads."""
    return list(Notice.objects.order_by("pk").values_list("kind", "user_id", "link"))


def letter(kind: str, language: str) -> str:
    """The mail of a kind, its subject first."""
    notice = Notice.objects.select_related("user").get(kind=kind)
    notice.user.language = language
    written = letters.of_notice(notice, MONDAY_9)
    assert written is not None
    with translation.override(language):
        return f"{notice.sentence}\n{written.subject}\n{written.body}"


def applied(by: Any) -> Any:
    return vouchers.apply(programme=ProgrammeFactory(), wanted=Money(100_000), purpose="来料检验", by=by, now=MONDAY_9)


def test_who_books_or_pays_is_told_of_a_grant_and_of_nothing_that_is_secret() -> None:
    operator, buyer = PlatformMembershipFactory(), MembershipFactory()
    MembershipFactory(organisation=buyer.organisation, role="viewer")
    grant = vouchers.issue_grant(
        programme=ProgrammeFactory(),
        organisation=buyer.organisation,
        face=Money(123_456),
        expires_on=date(2026, 12, 31),
        by=operator,
        now=MONDAY_9,
    )

    assert told() == [("voucher_granted", buyer.user_id, "/my/vouchers/")]
    text = letter("voucher_granted", "zh-hans")
    assert grant.programme.name_zh in text
    assert "2026-12-31" in text
    assert "1,234" not in text
    assert "Dear" in letter("voucher_granted", "en")


def test_an_application_is_told_to_the_operators_and_its_refusal_to_who_asked() -> None:
    operator, buyer = PlatformMembershipFactory(), MembershipFactory()
    application = applied(buyer)
    vouchers.decline(application=application, reason="材料不全", by=operator, now=MONDAY_9)

    assert told() == [
        ("voucher_applied", operator.user_id, f"/ops/vouchers/applications/{application.pk}/"),
        ("voucher_declined", buyer.user_id, "/my/vouchers/"),
    ]
    assert "来料检验" in letter("voucher_applied", "zh-hans")
    assert "材料不全" in letter("voucher_declined", "zh-hans")
    assert "declined" in letter("voucher_declined", "en")


def test_the_days_warning_is_given_once(clock: Any) -> None:
    buyer = MembershipFactory()
    GrantFactory(organisation=buyer.organisation, expires_on=date(2026, 12, 20))

    jobs.warn_daily(0)
    jobs.warn_daily(0)

    assert told() == [("voucher_expires_soon", buyer.user_id, "/my/vouchers/")]
    assert "2026-12-20" in letter("voucher_expires_soon", "zh-hans")


def test_no_letter_is_sent_about_a_voucher_that_is_used_up_meanwhile() -> None:
    buyer = MembershipFactory()
    grant = GrantFactory(organisation=buyer.organisation, expires_on=date(2026, 12, 20))
    vouchers.warn(now=MONDAY_9)
    type(grant).objects.update(left_fen=0)

    assert letters.of_notice(Notice.objects.select_related("user").get(), MONDAY_9) is None


@pytest.mark.parametrize("whole", [True, False])
def test_what_an_issuer_does_not_pay_is_told_to_the_operators(whole: bool) -> None:
    operator, grant = PlatformMembershipFactory(), GrantFactory()
    for order in ("R1", "R2"):
        consumed(grant, order=order)
    batch = vouchers.claim_batch(programme=grant.programme, by=operator, now=MONDAY_9)
    vouchers.submitted(batch=batch, by=operator, now=MONDAY_9)
    if whole:
        vouchers.refused(batch=batch, reason="超出预算", by=operator, now=MONDAY_9)
    else:
        item = batch.items.order_by("pk")[0]
        vouchers.reimbursed(batch=batch, reference="", refused={item.pk: "缺合同"}, by=operator, now=MONDAY_9)

    assert told() == [("claim_refused", operator.user_id, f"/ops/vouchers/claims/{batch.number}/")]
    assert batch.number in letter("claim_refused", "zh-hans")


def test_a_claim_that_is_paid_whole_is_no_news() -> None:
    operator, grant = PlatformMembershipFactory(), GrantFactory()
    consumed(grant)
    batch = vouchers.claim_batch(programme=grant.programme, by=operator, now=MONDAY_9)
    vouchers.submitted(batch=batch, by=operator, now=MONDAY_9)
    vouchers.reimbursed(batch=batch, reference="", refused={}, by=operator, now=MONDAY_9)

    assert told() == []
