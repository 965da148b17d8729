"""
What the addresses of the platform are about, for the test of access: one line for each route with a value in its path.

`others` is an object of an organisation no actor belongs to: whoever is not its insider must read 404. `public` is an
object that everybody whom the rule lets in may see. `nobody` is a secret that opens nothing: 404 for all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import Membership
from accounts.tokens import rules as token_rules
from labs.models import DateException
from tests.factories.accounts import (
    ApiTokenFactory,
    InvitationFactory,
    LabMembershipFactory,
    MembershipFactory,
    OrganisationFactory,
    PlatformMembershipFactory,
    UserFactory,
)
from tests.factories.bookings import buyer, held, task
from tests.factories.labs import InstrumentFactory, LabFactory, OutageFactory, ServiceFactory

OTHERS, PUBLIC, NOBODY = "others", "public", "nobody"


@dataclass(frozen=True, slots=True)
class Target:
    """The values of a path, whose they are, and somebody who may see them."""

    kwargs: dict[str, Any]
    whose: str
    insider: Membership | None = None


def instrument() -> Target:
    """An instrument of the catalogue."""
    return Target({"code": InstrumentFactory().code}, PUBLIC, buyer())


def lab() -> Target:
    """A lab of the catalogue."""
    return Target({"code": InstrumentFactory().lab.code}, PUBLIC, buyer())


def service() -> Target:
    """A service of the catalogue."""
    return Target({"code": ServiceFactory().code}, PUBLIC, buyer())


def rental_of_customer() -> Target:
    """A rental, seen by the customer's side."""
    rental = held(by=buyer())
    insider = Membership.objects.get(organisation=rental.organisation)
    return Target({"number": rental.number}, OTHERS, insider)


def rental_at_lab() -> Target:
    """A rental, seen by the side of the lab whose instrument it takes."""
    rental = held()
    manager = LabMembershipFactory(organisation=rental.instrument.lab.organisation, role="lab_manager")
    return Target({"number": rental.number}, OTHERS, manager)


def instrument_at_lab() -> Target:
    """An instrument, seen by a manager of the lab it belongs to."""
    made = InstrumentFactory()
    manager = LabMembershipFactory(organisation=made.lab.organisation, role="lab_manager")
    return Target({"code": made.code}, OTHERS, manager)


def lab_at_desk() -> Target:
    """A lab, seen by its manager."""
    made = LabFactory()
    return Target({"code": made.code}, OTHERS, LabMembershipFactory(organisation=made.organisation, role="lab_manager"))


def outage() -> Target:
    """A maintenance, seen by a manager of the lab."""
    made = OutageFactory()
    manager = LabMembershipFactory(organisation=made.instrument.lab.organisation, role="lab_manager")
    return Target({"pk": made.pk}, OTHERS, manager)


def date_exception() -> Target:
    """Other hours on a date, seen by a manager of the lab."""
    lab = LabFactory()
    made = DateException.objects.create(lab=lab, date=date(2099, 1, 1))
    return Target({"pk": made.pk}, OTHERS, LabMembershipFactory(organisation=lab.organisation, role="lab_manager"))


def task_at_lab() -> Target:
    """A task, seen by an operator of the lab it waits for."""
    made = task()
    operator = LabMembershipFactory(organisation=made.lab.organisation, role="lab_operator")
    return Target({"pk": made.pk}, OTHERS, operator)


def token() -> Target:
    """A member's API token."""
    made = ApiTokenFactory()
    return Target({"pk": made.pk}, OTHERS, made.membership)


def membership() -> Target:
    """A colleague, seen by the owner."""
    owner = MembershipFactory(role="owner")
    return Target({"pk": MembershipFactory(organisation=owner.organisation).pk}, OTHERS, owner)


def invitation_sent() -> Target:
    """An invitation, seen by the owner who sent it."""
    owner = MembershipFactory(role="owner")
    made = InvitationFactory(organisation=owner.organisation, invited_by=owner.user)
    return Target({"pk": made.pk}, OTHERS, owner)


def invitation_received() -> Target:
    """An invitation, seen by the person it was sent to."""
    invited = MembershipFactory(user=UserFactory(email="invited@example.com"))
    return Target({"pk": InvitationFactory(email="invited@example.com").pk}, OTHERS, invited)


def invitation_link() -> Target:
    """The link of an invitation: whoever signed in holds it reads to whom it was sent."""
    text = token_rules.new_text()
    InvitationFactory(token_hash=token_rules.hashed(text))
    return Target({"text": text}, PUBLIC, MembershipFactory())


def application() -> Target:
    """An organisation that asks to be verified, seen by the platform's operator."""
    asking = OrganisationFactory(verification="submitted", licence_image=ContentFile(b"\x89PNG", "licence.png"))
    return Target({"code": asking.code}, PUBLIC, PlatformMembershipFactory())


def unknown_feed() -> Target:
    """The address of a feed with a token that nobody was given."""
    return Target({"token": token_rules.new_text()}, NOBODY)


OBJECTS: dict[str, Callable[[], Target]] = {
    "board:approve": rental_at_lab,
    "board:booking": rental_at_lab,
    "board:cancel": rental_at_lab,
    "board:reject": rental_at_lab,
    "catalogue-api:instrument": instrument,
    "catalogue-api:service": service,
    "calendars:feed": unknown_feed,
    "calendars:rental": rental_of_customer,
    "discovery:instrument": instrument,
    "discovery:lab": lab,
    "discovery:price": instrument,
    "discovery:week": instrument,
    "foresight:exception": lab_at_desk,
    "foresight:last_month": instrument_at_lab,
    "foresight:outage": lab_at_desk,
    "foresight:week": lab_at_desk,
    "hours_desk:lab": lab_at_desk,
    "hours_desk:lift": outage,
    "hours_desk:remove_exception": date_exception,
    "portal:accept": invitation_received,
    "portal:change_role": membership,
    "portal:decide": application,
    "portal:invitation": invitation_link,
    "portal:licence": application,
    "portal:remove": membership,
    "portal:resend": invitation_sent,
    "portal:revoke": invitation_sent,
    "portal:revoke_token": token,
    "rentals-api:approve": rental_at_lab,
    "rentals-api:availability": instrument,
    "rentals-api:cancel": rental_of_customer,
    "rentals-api:cancel-by-lab": rental_at_lab,
    "rentals-api:confirm": rental_of_customer,
    "rentals-api:price": instrument,
    "rentals-api:reject": rental_at_lab,
    "rentals-api:rental": rental_of_customer,
    "rentals-api:submit": rental_of_customer,
    "rentals:cancel": rental_of_customer,
    "rentals:confirm": rental_of_customer,
    "rentals:hold": instrument,
    "rentals:rental": rental_of_customer,
    "rentals:submit": rental_of_customer,
    "tariffs_desk:new_policy": instrument_at_lab,
    "tariffs_desk:new_tariff": instrument_at_lab,
    "tariffs_desk:picture": instrument_at_lab,
    "tariffs_desk:terms": instrument_at_lab,
    "tasks:close": task_at_lab,
}
