"""A voucher's life on an order (BL-14, BL-16): every operation, what it refuses, and what it leaves behind."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEvent
from billing.ledger.chart import Account
from billing.models import Affiliation, Grant, Line, Programme, Redemption
from billing.vouchers import operations as vouchers
from billing.vouchers import queries
from billing.vouchers.invariants import VOUCHERS
from billing.vouchers.operations.refusals import (
    Affiliated,
    DistrictNotEligible,
    KindNotPaid,
    LabNotEligible,
    MoreThanReserved,
    NothingLeft,
    NotVerified,
    NoVoucher,
    OrderHasVoucher,
    OrderWithoutVoucher,
    ProgrammeClosed,
    SizeNotEligible,
    VoucherOver,
    VoucherOverAtService,
)
from kernel.invariants import verified
from kernel.money import Money
from kernel.refusals import Refusal, Refusals
from tests.factories.accounts import DistrictFactory, OrganisationFactory, PlatformMembershipFactory
from tests.factories.labs import LabFactory
from tests.factories.vouchers import (
    MONDAY_9,
    NEXT_FRIDAY,
    GrantFactory,
    ProgrammeFactory,
    consumed,
    line,
    reserved,
)

pytestmark = pytest.mark.django_db
ORDER = "R20261123000001"


def left(grant: Grant) -> tuple[int, int]:
    """What is left of a grant, and what of its programme's budget is taken; fen."""
    grant.refresh_from_db()
    return grant.left_fen, Programme.objects.get(pk=grant.programme_id).committed_fen


def balance(account: Account, **about: Any) -> int:
    return sum(Line.objects.filter(account=account, **about).values_list("fen", flat=True))


@pytest.fixture(autouse=True)
def _books_hold() -> Any:
    """Whatever a test does: budget, grants and claims add up afterwards."""
    yield
    wrong = [verdict for verdict in verified(VOUCHERS, now=MONDAY_9) if verdict.count]
    assert wrong == []


def test_a_reservation_takes_from_grant_and_budget_and_posts_nothing() -> None:
    grant = GrantFactory()

    made = reserved(grant, fen=69_300)

    assert (made.state, made.amount_fen, made.eligible_fen, made.bound) == ("reserved", 27_720, 69_300, "cover")
    assert left(grant) == (1_000_000 - 27_720, 27_720)
    assert not Line.objects.exists()
    assert AuditEvent.objects.filter(name="voucher_reserved", facts__order_number=ORDER).count() == 1


def test_the_lines_of_an_order_are_kept_and_only_eligible_ones_are_paid() -> None:
    lines = [line(37_500), line(8_000, "setup"), line(5_000, "operator"), line(2_000, "overtime")]

    made = reserved(GrantFactory(), lines=lines)

    assert (made.eligible_fen, made.amount_fen, made.lines) == (45_500, 18_200, lines)


def test_of_several_grants_the_one_that_pays_most_is_used_and_of_equal_ones_that_which_ends_first() -> None:
    programme, organisation = ProgrammeFactory(), OrganisationFactory()
    of = {"programme": programme, "organisation": organisation}
    GrantFactory(**of, face_fen=1_000, expires_on=date(2026, 11, 30))
    later = GrantFactory(**of, expires_on=date(2026, 12, 31))
    sooner = GrantFactory(**of, expires_on=date(2026, 12, 1))

    assert reserved(later).grant == sooner


@pytest.mark.parametrize(
    ("programme", "organisation", "asked", "refusal"),
    [
        ({"state": "closed"}, {}, {}, ProgrammeClosed),
        ({"kinds": ["testing"]}, {}, {}, KindNotPaid),
        ({}, {"size": "large"}, {}, SizeNotEligible),
        ({}, {"verification": "submitted"}, {}, NotVerified),
        ({}, {}, {"service_on": date(2027, 1, 1)}, VoucherOverAtService),
        ({}, {}, {"now": datetime.fromisoformat("2027-01-01T00:00:00+08:00")}, VoucherOver),
        ({"budget_fen": 0}, {}, {}, NothingLeft),
        ({"yearly_cap_fen": 1}, {}, {"lines": [line(1)]}, NothingLeft),
        ({}, {}, {"lines": [line(90_000, "operator")]}, NothingLeft),
    ],
)
def test_what_the_programme_demands_is_asked_at_the_hold(
    programme: dict[str, Any], organisation: dict[str, Any], asked: dict[str, Any], refusal: type[Refusal]
) -> None:
    grant = GrantFactory(programme=ProgrammeFactory(**programme), organisation=OrganisationFactory(**organisation))
    with pytest.raises(refusal):
        reserved(grant, **asked)

    assert left(grant) == (1_000_000, 0)


def test_a_programme_of_other_districts_or_labs_pays_nothing() -> None:
    baiyun = DistrictFactory(adcode="440111", name_zh="白云区", name_en="Baiyun")
    grant = GrantFactory(programme=ProgrammeFactory(districts=[baiyun], labs=[LabFactory()]))

    with pytest.raises(Refusals) as refused:
        reserved(grant)

    assert [type(each) for each in refused.value.refusals] == [DistrictNotEligible, LabNotEligible]

    ours = GrantFactory(organisation__district=baiyun, programme=grant.programme)
    assert reserved(ours, lab=grant.programme.labs.get()).amount_fen == 40_000


def test_a_lab_does_not_pay_itself_with_a_voucher_of_its_own_organisation() -> None:
    grant = GrantFactory()

    with pytest.raises(Affiliated):
        reserved(grant, lab=LabFactory(organisation=grant.organisation))


@pytest.mark.parametrize("who_declares", ["customer", "lab"])
def test_declared_affiliates_are_excluded_whichever_side_declared_it(who_declares: str) -> None:
    grant, lab = GrantFactory(), LabFactory()
    sides = [grant.organisation, lab.organisation]
    one, other = sides if who_declares == "customer" else reversed(sides)
    operator = PlatformMembershipFactory()
    vouchers.declare_affiliate(organisation=one, number=other.uscc, note="母公司", by=operator, now=MONDAY_9)

    with pytest.raises(Affiliated):
        reserved(grant, lab=lab)

    vouchers.end_affiliation(affiliation=Affiliation.objects.get(), by=operator, now=MONDAY_9)
    assert reserved(grant, lab=lab).amount_fen == 40_000


@pytest.mark.parametrize("number", ["91440101DEMOX00123", "44010119800101123X"])
def test_the_same_controller_on_both_sides_is_excluded(number: str) -> None:
    grant, lab, operator = GrantFactory(), LabFactory(), PlatformMembershipFactory()
    for organisation in (grant.organisation, lab.organisation):
        vouchers.declare_controller(
            organisation=organisation, name="示例控制人", number=number, by=operator, now=MONDAY_9
        )

    with pytest.raises(Affiliated):
        reserved(grant, lab=lab)

    stored = lab.organisation.controller.number
    assert number not in stored  # neither is a credit code: only a hash is kept


def test_who_controls_the_lab_is_no_customer_for_a_voucher() -> None:
    grant, lab = GrantFactory(), LabFactory()
    vouchers.declare_controller(
        organisation=lab.organisation,
        name=grant.organisation.name_zh,
        number=grant.organisation.uscc,
        by=PlatformMembershipFactory(),
        now=MONDAY_9,
    )

    with pytest.raises(Affiliated):
        reserved(grant, lab=lab)


def test_without_a_grant_there_is_no_voucher() -> None:
    grant = GrantFactory()

    with pytest.raises(NoVoucher):
        reserved(grant, organisation_id=OrganisationFactory().pk)


def test_bl_14_one_programme_an_order() -> None:
    grant = GrantFactory()
    reserved(grant)
    other = GrantFactory(organisation=grant.organisation)

    with pytest.raises(OrderHasVoucher):
        reserved(other)

    assert left(other) == (1_000_000, 0)


def test_the_yearly_cap_counts_by_the_year_of_the_service() -> None:
    grant = GrantFactory(
        programme__yearly_cap_fen=50_000, programme__valid_to=date(2027, 6, 30), expires_on=date(2027, 6, 30)
    )
    reserved(grant, order="R1")

    assert reserved(grant, order="R2").amount_fen == 10_000
    assert reserved(grant, order="R3", service_on=date(2027, 1, 4)).amount_fen == 40_000
    with pytest.raises(NothingLeft):
        reserved(grant, order="R4")


def test_a_reservation_follows_its_order_and_its_own_part_is_not_in_its_way() -> None:
    grant = GrantFactory(face_fen=50_000, programme__yearly_cap_fen=50_000, programme__budget_fen=50_000)
    reserved(grant, fen=100_000)

    more = vouchers.change(order_number=ORDER, lines=[line(200_000)], service_on=NEXT_FRIDAY, now=MONDAY_9)
    assert (more.amount_fen, more.reserved_fen, more.bound, left(grant)) == (50_000, 50_000, "grant", (0, 50_000))

    less = vouchers.change(order_number=ORDER, lines=[line(10_000)], service_on=NEXT_FRIDAY, now=MONDAY_9)
    assert (less.amount_fen, left(grant)) == (4_000, (46_000, 4_000))

    with pytest.raises(VoucherOverAtService):
        vouchers.change(order_number=ORDER, lines=[line(10_000)], service_on=date(2027, 1, 1), now=MONDAY_9)
    assert left(grant) == (46_000, 4_000)


def test_e6_at_settlement_what_is_not_used_returns_and_the_programme_owes_the_rest() -> None:
    grant = GrantFactory()
    made = reserved(grant, fen=100_000)
    fen = queries.at_settlement(made, [line(60_000), line(9_000, "overtime")]).fen

    used = vouchers.consume(order_number=ORDER, fen=fen, now=MONDAY_9 + timedelta(days=5))

    assert (used.state, used.amount_fen, used.reserved_fen) == ("consumed", 24_000, 40_000)
    assert left(grant) == (976_000, 24_000)
    assert balance(Account.VOUCHER_RECEIVABLE, programme_id=grant.programme_id) == 24_000
    assert balance(Account.ESCROW, order_number=ORDER) == -24_000


def test_at_settlement_a_voucher_never_pays_more_than_was_reserved() -> None:
    made = reserved(GrantFactory(), fen=100_000)

    assert queries.at_settlement(made, [line(900_000)]) == Money(40_000)
    with pytest.raises(MoreThanReserved):
        vouchers.consume(order_number=ORDER, fen=40_001, now=MONDAY_9)


def test_a_voucher_of_which_nothing_is_used_is_released_and_nothing_is_posted() -> None:
    grant = GrantFactory()
    reserved(grant)

    used = vouchers.consume(order_number=ORDER, fen=0, now=MONDAY_9)

    assert (used.state, left(grant), Line.objects.exists()) == ("released", (1_000_000, 0), False)


def test_an_order_that_came_to_nothing_gives_its_voucher_back_and_may_have_one_again() -> None:
    grant = GrantFactory()
    reserved(grant)

    vouchers.release(order_number=ORDER, now=MONDAY_9)
    assert left(grant) == (1_000_000, 0)
    with pytest.raises(OrderWithoutVoucher):
        vouchers.release(order_number=ORDER, now=MONDAY_9)

    assert reserved(grant).state == "reserved"
    assert Redemption.objects.filter(order_number=ORDER).count() == 2


@pytest.mark.parametrize(("by_lab", "until"), [(True, date(2026, 12, 23)), (False, date(2026, 11, 30))])
def test_bl_16_a_cancellation_restores_the_value_and_time_too_where_the_lab_cancelled(
    by_lab: bool, until: date
) -> None:
    grant = GrantFactory(expires_on=date(2026, 11, 30), warned_days=7)
    reserved(grant)

    vouchers.restore(order_number=ORDER, by_lab=by_lab, now=MONDAY_9)

    assert left(grant) == (1_000_000, 0)
    assert (grant.expires_on, grant.warned_days) == (until, None if by_lab else 7)


def test_bl_16_what_a_labs_cancellation_added_counts_beyond_the_end_of_the_programme() -> None:
    grant = GrantFactory(programme__valid_to=date(2026, 11, 30), expires_on=date(2026, 11, 30))
    reserved(grant)
    vouchers.restore(order_number=ORDER, by_lab=True, now=MONDAY_9)

    assert reserved(grant, order="R2", service_on=date(2026, 12, 20)).state == "reserved"


def test_e10_a_refund_takes_its_part_back_into_grant_and_budget() -> None:
    grant = GrantFactory()
    consumed(grant, fen=100_000)

    part = vouchers.take_back(order_number=ORDER, fen=15_000, now=MONDAY_9)
    assert (part.fen, part.reimbursed, part.redemption.state, left(grant)) == (
        15_000, False, "consumed", (975_000, 25_000),
    )  # fmt: skip
    with pytest.raises(MoreThanReserved):
        vouchers.take_back(order_number=ORDER, fen=25_001, now=MONDAY_9)

    rest = vouchers.take_back(order_number=ORDER, fen=25_000, now=MONDAY_9)
    assert (rest.redemption.state, left(grant)) == ("returned", (1_000_000, 0))
    with pytest.raises(OrderWithoutVoucher):
        vouchers.take_back(order_number=ORDER, fen=1, now=MONDAY_9)


def test_what_vouchers_would_pay_is_told_beforehand_with_why_not() -> None:
    organisation, lab = OrganisationFactory(), LabFactory()
    half = GrantFactory(organisation=organisation, programme__cover_bp=5_000)
    GrantFactory(organisation=organisation, programme__kinds=["testing"])
    some = GrantFactory(organisation=organisation, face_fen=20_000)

    found = queries.offers(
        organisation=organisation, lab=lab, kind="rental", lines=[line(100_000)], service_on=NEXT_FRIDAY, now=MONDAY_9
    )

    told = [(each.grant, each.amount, list(each.obstacles)) for each in found]
    assert told[:2] == [(half, Money(50_000), []), (some, Money(20_000), [])]
    assert told[2][1:] == (Money(0), ["kind"])


def test_many_vouchers_are_offered_in_as_many_statements_as_one(django_assert_num_queries: Any) -> None:
    organisation, lab = OrganisationFactory(), LabFactory()
    ask = {"organisation": organisation, "lab": lab, "kind": "rental", "lines": [line(1)], "now": MONDAY_9}
    for _ in range(3):
        GrantFactory(organisation=organisation)
        with django_assert_num_queries(6):
            queries.offers(**ask, service_on=NEXT_FRIDAY)
