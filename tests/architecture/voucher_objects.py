"""What the addresses of vouchers are about, for the test of access."""

from collections.abc import Callable
from datetime import date
from typing import Any

from billing.models import Affiliation, SpotCheck, VoucherApplication
from billing.vouchers import operations as vouchers
from kernel.money import Money
from tests.architecture.targets import OTHERS, PUBLIC, Target
from tests.factories.accounts import MembershipFactory, OrganisationFactory, PlatformMembershipFactory
from tests.factories.bookings import buyer
from tests.factories.vouchers import MONDAY_9, GrantFactory, ProgrammeFactory, consumed


def programme() -> Target:
    """A programme, seen by the platform's operator."""
    return Target({"code": ProgrammeFactory().code}, PUBLIC, PlatformMembershipFactory())


def open_programme() -> Target:
    """A programme that organisations may apply for."""
    return Target({"code": ProgrammeFactory().code}, PUBLIC, buyer())


def _applied(by: Any) -> VoucherApplication:
    return vouchers.apply(programme=ProgrammeFactory(), wanted=Money(100), purpose="检测", by=by, now=MONDAY_9)


def application() -> Target:
    """An application, decided by the platform's operator."""
    return Target({"pk": _applied(buyer()).pk}, PUBLIC, PlatformMembershipFactory())


def own_application() -> Target:
    """An application, seen by who applied."""
    by = buyer()
    return Target({"pk": _applied(by).pk}, OTHERS, by)


def application_of_program() -> Target:
    """The same, asked for by a program."""
    target = own_application()
    return Target({"application_id": target.kwargs["pk"]}, target.whose, target.insider)


def claim() -> Target:
    """A claim, seen by the platform's operator."""
    by = PlatformMembershipFactory()
    used = consumed(GrantFactory(expires_on=date(2026, 12, 31)))
    batch = vouchers.claim_batch(programme=used.programme, by=by, now=MONDAY_9)
    return Target({"number": batch.number}, PUBLIC, by)


def check() -> Target:
    """A spot-check, seen by the platform's operator."""
    by = PlatformMembershipFactory()
    made = SpotCheck.objects.create(redemption=consumed(GrantFactory()), seed="x", drawn_at=MONDAY_9, drawn_by=by.user)
    return Target({"pk": made.pk}, PUBLIC, by)


def _affiliation(by: Any) -> Affiliation:
    number = OrganisationFactory().uscc
    return vouchers.declare_affiliate(organisation=by.organisation, number=number, note="", by=by, now=MONDAY_9)


def affiliation() -> Target:
    """An affiliation, seen by the platform's operator."""
    return Target({"pk": _affiliation(MembershipFactory(role="owner")).pk}, PUBLIC, PlatformMembershipFactory())


def own_affiliation() -> Target:
    """An affiliation, seen by the owner of one side."""
    owner = MembershipFactory(role="owner")
    return Target({"pk": _affiliation(owner).pk}, OTHERS, owner)


VOUCHERS: dict[str, Callable[[], Target]] = {
    "vouchers-api:claim": claim,
    "vouchers-api:refuse": claim,
    "vouchers-api:reimburse": claim,
    "vouchers-api:submit": claim,
    "vouchers-api:withdraw": application_of_program,
    "vouchers:apply": open_programme,
    "vouchers:check": check,
    "vouchers:claim": claim,
    "vouchers:decide": application,
    "vouchers:drop": claim,
    "vouchers:edit": programme,
    "vouchers:end_affiliation": own_affiliation,
    "vouchers:evidence": claim,
    "vouchers:issue": programme,
    "vouchers:part": affiliation,
    "vouchers:prepare": programme,
    "vouchers:programme": programme,
    "vouchers:refuse": claim,
    "vouchers:reimburse": claim,
    "vouchers:state": programme,
    "vouchers:submit": claim,
    "vouchers:withdraw": own_application,
}
