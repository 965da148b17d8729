"""What is left of vouchers, what one would pay of an order, and why it could not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import Membership, Organisation
from billing.vouchers import rules
from billing.vouchers.models import Affiliation, ClaimBatch, Controller, Grant, Programme, Redemption
from billing.vouchers.models.redemptions import HELD
from kernel.money import Money
from labs.models import Lab


def terms_of(programme: Programme) -> rules.Terms:
    """Return what a programme demands; two statements unless districts and labs were prefetched."""
    return rules.Terms(
        kinds=frozenset(programme.kinds),
        sizes=frozenset(programme.sizes),
        districts=frozenset(district.pk for district in programme.districts.all()),
        labs=frozenset(lab.pk for lab in programme.labs.all()),
        valid_from=programme.valid_from,
        valid_to=programme.valid_to,
        is_open=programme.state == Programme.State.OPEN,
    )


def party_of(organisation: Organisation, controller: str = "") -> rules.Party:
    """Return an organisation as vouchers see it."""
    return rules.Party(
        organisation_id=organisation.pk,
        registration=organisation.registration_number,
        size=organisation.size,
        district=organisation.district_id or "",
        is_verified=organisation.is_verified,
        controller=controller,
    )


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a voucher: the kind of service, the lab, both sides, and the day the service starts."""

    kind: str
    lab_id: int
    customer: rules.Party
    seller: rules.Party
    affiliated: bool
    service_on: date


def order(*, kind: str, lab: Lab, customer: Organisation, service_on: date) -> Order:
    """Return an order as vouchers see it, with who controls whom: two statements."""
    sides = (customer.pk, lab.organisation_id)
    controllers = dict(Controller.objects.filter(organisation__in=sides).values_list("organisation_id", "number"))
    return Order(
        kind=kind,
        lab_id=lab.pk,
        customer=party_of(customer, controllers.get(customer.pk, "")),
        seller=party_of(lab.organisation, controllers.get(lab.organisation_id, "")),
        affiliated=Affiliation.objects.between(*sides).exists(),
        service_on=service_on,
    )


def obstacles(terms: rules.Terms, grant: Grant, to_pay: Order, *, now: datetime) -> list[rules.Obstacle]:
    """Return why a grant cannot pay an order; nothing where it can."""
    return rules.may_pay(
        terms,
        to_pay.customer,
        kind=to_pay.kind,
        lab_id=to_pay.lab_id,
        seller=to_pay.seller,
        affiliated=to_pay.affiliated,
        today=rules.local_day(now),
        service_on=to_pay.service_on,
        usable_until=grant.expires_on,
    )


def held_in_year(programme_id: int, organisation_id: int, year: int) -> int:
    """Return what of a programme an organisation uses for services of a year; fen."""
    used = Redemption.objects.filter(programme=programme_id, organisation=organisation_id, service_on__year=year)
    return used.held_fen()


@dataclass(frozen=True, slots=True)
class Freed:
    """What is free again while an order is reserved anew: fen of budget and grant, and of the year's cap."""

    fen: int = 0
    in_year_fen: int = 0


def freed_by(redemption: Redemption | None, *, year: int) -> Freed:
    """Return what a redemption would free, seen from a service in a year."""
    if redemption is None:
        return Freed()
    held = redemption.held.fen
    return Freed(held, held if redemption.service_on.year == year else 0)


def limits(programme: Programme, grant: Grant, *, held_in_year_fen: int, free: Freed | None = None) -> rules.Limits:
    """Return what a grant may pay of one order at most."""
    free = free or Freed()
    return rules.Limits(
        cover_bp=programme.cover_bp,
        per_order_fen=programme.per_order_cap_fen,
        grant_left_fen=grant.left_fen + free.fen,
        year_left_fen=programme.yearly_cap_fen - held_in_year_fen + free.in_year_fen,
        budget_left_fen=programme.left.fen + free.fen,
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """A grant that an organisation has, and what it would pay of an order; or why it cannot."""

    grant: Grant
    cover: rules.Cover | None
    obstacles: tuple[rules.Obstacle, ...] = ()

    @property
    def programme(self) -> Programme:
        return self.grant.programme

    @property
    def amount(self) -> Money:
        """What it would pay; nothing where it cannot."""
        return self.cover.amount if self.cover else Money(0)


def offers(
    *,
    organisation: Organisation,
    lab: Lab,
    kind: str,
    lines: Iterable[Mapping[str, Any]],
    service_on: date,
    now: datetime,
) -> list[Offer]:
    """
    Return what an organisation's vouchers would pay of an order, the most first; nothing is locked or promised.

    For a programme that is not stackable the lines must be those without discount
    (`rules.without_discount_is_cheaper`).
    """
    grants = Grant.objects.filter(organisation=organisation).usable_on(rules.local_day(now))
    found = list(grants.select_related("programme").prefetch_related("programme__districts", "programme__labs"))
    if not found:
        return []
    priced, to_pay = list(lines), order(kind=kind, lab=lab, customer=organisation, service_on=service_on)
    year = Redemption.objects.filter(organisation=organisation, service_on__year=service_on.year)
    totals = year.values("programme_id").annotate(taken=Sum(HELD)).values_list("programme_id", "taken").order_by()
    held = dict(totals)
    offered = [_offer(grant, to_pay, priced, held.get(grant.programme_id, 0), now) for grant in found]
    return sorted(offered, key=lambda each: (-each.amount.fen, each.grant.expires_on, each.grant.pk))


def _offer(grant: Grant, to_pay: Order, lines: list[Mapping[str, Any]], held: int, now: datetime) -> Offer:
    programme = grant.programme
    why_not = obstacles(terms_of(programme), grant, to_pay, now=now)
    if why_not:
        return Offer(grant, None, tuple(why_not))
    eligible = rules.eligible_amount(lines, urgent_eligible=programme.urgent_eligible)
    return Offer(grant, rules.cover(eligible, limits(programme, grant, held_in_year_fen=held)))


def live_of(order_number: str) -> Redemption | None:
    """Return what a voucher pays of an order; None where none does."""
    return Redemption.objects.live().filter(order_number=order_number).select_related("programme", "grant").first()


def at_settlement(redemption: Redemption, lines: Iterable[Mapping[str, Any]]) -> Money:
    """
    Return what a reserved voucher pays of the final lines: its share of them, and never more than was reserved.

    `consume` takes it; nothing means that the voucher is released instead.
    """
    programme = redemption.programme
    eligible = rules.eligible_amount(lines, urgent_eligible=programme.urgent_eligible)
    reserved = redemption.amount_fen
    limited = rules.Limits(programme.cover_bp, programme.per_order_cap_fen, reserved, reserved, reserved)
    return rules.cover(eligible, limited).amount


# --- Lists ------------------------------------------------------------------------------------------------------------


def grants_of(member: Membership) -> QuerySet[Grant]:
    """Return the vouchers a member sees, those that end first at the top."""
    seen = Grant.objects.visible_to(member).select_related("programme__issuer", "organisation")
    return seen.order_by("expires_on", "pk")


def redemptions_of(member: Membership) -> QuerySet[Redemption]:
    """Return the uses of vouchers a member sees, the newest first."""
    seen = Redemption.objects.visible_to(member).select_related("programme", "grant", "lab", "organisation")
    return seen.order_by("-reserved_at", "-pk")


def granted_in_year(programme: Programme, organisation: Organisation, year: int) -> int:
    """Return what an organisation was granted of a programme in a year, in Guangzhou; fen."""
    begin, end = (datetime(each, 1, 1, tzinfo=rules.ZONE) for each in (year, year + 1))
    grants = Grant.objects.filter(programme=programme, organisation=organisation)
    found = grants.filter(issued_at__gte=begin, issued_at__lt=end).aggregate(fen=Coalesce(Sum("face_fen"), 0))
    return int(found["fen"])


def may_be_applied_for(organisation: Organisation, *, now: datetime) -> list[tuple[Programme, list[rules.Obstacle]]]:
    """Return the programmes that are open today, and why an organisation cannot have a voucher of one."""
    today = rules.local_day(now)
    found = Programme.objects.open_on(today).select_related("issuer").prefetch_related("districts", "labs")
    party = party_of(organisation)
    return [(each, rules.may_hold(terms_of(each), party, today=today)) for each in found.order_by("code")]


def programmes(member: Membership) -> QuerySet[Programme]:
    """Return programmes with how many organisations hold a voucher, and how many applications wait."""
    return (
        Programme.objects.visible_to(member)
        .select_related("issuer")
        .annotate(
            holders=Count("grants__organisation", distinct=True),
            asking=Count("applications", filter=Q(applications__state="submitted"), distinct=True),
        )
        .order_by("code")
    )


def sums_by_state(programme: Programme) -> dict[str, int]:
    """Return what the redemptions of a programme come to by their state; fen."""
    found = programme.redemptions.values("state").annotate(fen=Sum("amount_fen") - Sum("returned_fen")).order_by()
    return {each["state"]: each["fen"] for each in found}


def claimable(programme: Programme) -> tuple[int, Money]:
    """Return how many uses of a programme can be claimed, and what they come to."""
    found = programme.redemptions.claimable().aggregate(
        number=Count("pk"), fen=Coalesce(Sum("amount_fen") - Sum("returned_fen"), 0)
    )
    return found["number"], Money(found["fen"])


def claims(member: Membership) -> QuerySet[ClaimBatch]:
    """Return the claims a member sees with the number of their uses, the newest first."""
    seen = ClaimBatch.objects.visible_to(member).select_related("programme__issuer")
    return seen.annotate(uses=Count("items")).order_by("-prepared_at", "-pk")
