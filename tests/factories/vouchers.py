"""Programmes and vouchers for tests, and orders that they pay."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import factory

from billing.models import Grant, Programme, Redemption
from billing.vouchers import operations as vouchers
from tests.factories.accounts import OrganisationFactory
from tests.factories.labs import LabFactory

MONDAY_9 = datetime(2026, 11, 23, 1, tzinfo=UTC)
NEXT_FRIDAY = date(2026, 11, 27)


class IssuerFactory(OrganisationFactory):
    """An authority of the city."""

    org_type = "government"
    size = "na"
    roles = ["city_admin"]


class ProgrammeFactory(factory.django.DjangoModelFactory):
    """
    An open programme of 2026: 40 % of a rental, up to ¥30,000 an order and ¥100,000 a year, for small and medium ones.

    `districts` and `labs` are lists.
    """

    class Meta:
        model = Programme
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"VP-T{n}")
    issuer = factory.SubFactory(IssuerFactory)
    name_zh = factory.Sequence(lambda n: f"示例科技创新券{n}")
    name_en = factory.Sequence(lambda n: f"Example innovation voucher {n}")
    state = Programme.State.OPEN
    kinds = ["rental"]
    sizes = ["micro", "small", "medium"]
    valid_from = date(2026, 1, 1)
    valid_to = date(2026, 12, 31)
    cover_bp = 4_000
    per_order_cap_fen = 3_000_000
    yearly_cap_fen = 10_000_000
    budget_fen = 500_000_000

    @factory.post_generation
    def districts(self: Programme, create: bool, extracted: Iterable[Any] | None, **_: Any) -> None:
        if create and extracted:
            self.districts.set(extracted)

    @factory.post_generation
    def labs(self: Programme, create: bool, extracted: Iterable[Any] | None, **_: Any) -> None:
        if create and extracted:
            self.labs.set(extracted)


class GrantFactory(factory.django.DjangoModelFactory):
    """A voucher of ¥10,000 until the end of 2026."""

    class Meta:
        model = Grant

    programme = factory.SubFactory(ProgrammeFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    face_fen = 1_000_000
    left_fen = factory.SelfAttribute("face_fen")
    expires_on = date(2026, 12, 31)
    issued_at = datetime(2026, 11, 1, 1, tzinfo=UTC)


def line(fen: int, kind: str = "usage") -> dict[str, Any]:
    """A line of an order, as it is frozen."""
    return {"kind": kind, "amount_fen": fen, "list_fen": fen}


def reserved(grant: Grant, *, fen: int = 100_000, order: str = "R20261123000001", **changed: Any) -> Redemption:
    """An order of so many fen, of which a voucher pays its part; `lab=` or any argument of `reserve`."""
    lab = changed.pop("lab", None) or LabFactory()
    asked: dict[str, Any] = {
        "order_number": order,
        "organisation_id": grant.organisation_id,
        "lab_id": lab.pk,
        "programme_id": grant.programme_id,
        "kind": "rental",
        "lines": [line(fen)],
        "service_on": NEXT_FRIDAY,
        "now": MONDAY_9,
    }
    return vouchers.reserve(**(asked | changed))


def consumed(grant: Grant, *, fen: int = 100_000, order: str = "R20261123000001", **changed: Any) -> Redemption:
    """A settled order of which a voucher paid its part."""
    made = reserved(grant, fen=fen, order=order, **changed)
    return vouchers.consume(order_number=order, fen=made.amount_fen, now=changed.get("now", MONDAY_9))
