"""
What the addresses of the platform are about, for the test of access: one line for each route with a value in its path.

`others` is an object of an organisation no actor belongs to: whoever is not its insider must read 404. `public` is an
object that everybody whom the rule lets in may see. `nobody` is a secret that opens nothing: 404 for all.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

from django.core.files.base import ContentFile

from accounts.models import Membership
from accounts.tokens import rules as token_rules
from labs.exchange.book import written
from labs.exchange.sheets import sheets
from labs.models import DateException, WaitingWorkbook
from tests.architecture.lives_objects import LIVES
from tests.architecture.money_objects import MONEY
from tests.architecture.people_objects import PEOPLE
from tests.architecture.series_objects import SERIES
from tests.architecture.targets import NOBODY, OTHERS, PUBLIC, Target
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
from tests.factories.labs import (
    AccreditationFactory,
    CalibrationRecordFactory,
    HonourFactory,
    InstrumentFactory,
    InstrumentPhotoFactory,
    LabFactory,
    OutageFactory,
    ServiceFactory,
    StandardFactory,
)
from tests.factories.notices import told
from tests.factories.waitlist import offered, taken, waits


def instrument() -> Target:
    """An instrument of the catalogue."""
    return Target({"code": InstrumentFactory().code}, PUBLIC, buyer())


def lab() -> Target:
    """A lab of the catalogue."""
    return Target({"code": InstrumentFactory().lab.code}, PUBLIC, buyer())


def service() -> Target:
    """A service of the catalogue."""
    return Target({"code": ServiceFactory().code}, PUBLIC, buyer())


def standard() -> Target:
    """A standard, by the key of its number."""
    return Target({"key": StandardFactory().number_key}, PUBLIC, buyer())


def open_table() -> Target:
    """A table of the open catalogue."""
    return Target({"table": "labs"}, PUBLIC, buyer())


def sitemap_file() -> Target:
    """A file of the sitemap."""
    return Target({"section": "pages", "number": 1}, PUBLIC, buyer())


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


def outage_for_programs() -> Target:
    """A maintenance, by its key in the API."""
    target = outage()
    return Target({"key": target.kwargs["pk"]}, target.whose, target.insider)


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


def waitlist_entry() -> Target:
    """An entry of the waitlist, seen by its customer's side."""
    entry = waits(taken())
    return Target({"pk": entry.pk}, OTHERS, Membership.objects.get(organisation=entry.organisation))


def waitlist_entry_of_program() -> Target:
    """The same, asked for by a program."""
    target = waitlist_entry()
    return Target({"entry_id": target.kwargs["pk"]}, target.whose, target.insider)


def waitlist_offer() -> Target:
    """An open offer of the waitlist, seen by its customer's side."""
    made = offered()
    return Target({"pk": made.pk}, OTHERS, Membership.objects.get(organisation=made.entry.organisation))


def waitlist_offer_of_program() -> Target:
    """The same, asked for by a program."""
    target = waitlist_offer()
    return Target({"offer_id": target.kwargs["pk"]}, target.whose, target.insider)


def waiting_workbook() -> Target:
    """A workbook that its sender has not confirmed."""
    lab = LabFactory()
    manager = LabMembershipFactory(organisation=lab.organisation, role="lab_manager")
    made = WaitingWorkbook.objects.create(
        lab=lab,
        sent_by=manager,
        file_name="a.xlsx",
        content=written(sheets(), {}),
        sent_at=datetime(2026, 11, 1, tzinfo=UTC),
        expires_at=datetime(2099, 1, 1, tzinfo=UTC),
    )
    return Target({"pk": made.pk}, OTHERS, manager)


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


def notice() -> Target:
    """A notice, seen by whom it was told to."""
    reader = MembershipFactory()
    return Target({"notice_id": told(reader)[0].pk}, OTHERS, reader)


def photo() -> Target:
    """A photo of an instrument of the catalogue."""
    made = InstrumentPhotoFactory(file=ContentFile(b"\x89PNG", "photo.png"))
    return Target({"code": made.instrument.code, "pk": made.pk}, PUBLIC, buyer())


def photo_at_desk() -> Target:
    """A photo, seen by a manager of the lab."""
    made = InstrumentPhotoFactory(instrument=InstrumentFactory(published=False))
    manager = LabMembershipFactory(organisation=made.instrument.lab.organisation, role="lab_manager")
    return Target({"code": made.instrument.code, "pk": made.pk}, OTHERS, manager)


def certificate_at_desk() -> Target:
    """A certificate of an instrument, seen by a manager of the lab."""
    made = CalibrationRecordFactory()
    manager = LabMembershipFactory(organisation=made.instrument.lab.organisation, role="lab_manager")
    return Target({"code": made.instrument.code, "pk": made.pk}, OTHERS, manager)


def certificate_of_a_draft() -> Target:
    """The file of a certificate of an instrument that nobody outside the lab sees."""
    hidden = InstrumentFactory(published=False, calibration=False)
    made = CalibrationRecordFactory(instrument=hidden, certificate=ContentFile(b"%PDF-", "certificate.pdf"))
    manager = LabMembershipFactory(organisation=made.instrument.lab.organisation, role="lab_manager")
    return Target({"code": made.instrument.code, "pk": made.pk}, OTHERS, manager)


def accreditation() -> Target:
    """The certificate of an accreditation of a lab of the catalogue."""
    made = AccreditationFactory(certificate=ContentFile(b"%PDF-", "certificate.pdf"))
    return Target({"pk": made.pk}, PUBLIC, buyer())


def service_at_desk() -> Target:
    """A service, seen by a manager of its lab."""
    made = ServiceFactory()
    manager = LabMembershipFactory(organisation=made.lab.organisation, role="lab_manager")
    return Target({"code": made.code}, OTHERS, manager)


def kind_of_recognition() -> Target:
    """Recording an honour, by the lab's manager."""
    target = lab_at_desk()
    return Target({**target.kwargs, "kind": "honour"}, OTHERS, target.insider)


def recognition() -> Target:
    """An honour, seen by the lab's manager."""
    made = HonourFactory()
    manager = LabMembershipFactory(organisation=made.lab.organisation, role="lab_manager")
    return Target({"code": made.lab.code, "kind": "honour", "pk": made.pk}, OTHERS, manager)


def scope() -> Target:
    """An accreditation at the desk, seen by the lab's manager."""
    made = AccreditationFactory()
    manager = LabMembershipFactory(organisation=made.lab.organisation, role="lab_manager")
    return Target({"code": made.lab.code, "pk": made.pk}, OTHERS, manager)


OBJECTS: dict[str, Callable[[], Target]] = {
    **LIVES,
    **MONEY,
    **PEOPLE,
    **SERIES,
    "board:approve": rental_at_lab,
    "board:booking": rental_at_lab,
    "board:cancel": rental_at_lab,
    "board:move": rental_at_lab,
    "board:reject": rental_at_lab,
    "catalogue-api:instrument": instrument,
    "catalogue-api:service": service,
    "calendars:feed": unknown_feed,
    "calendars:rental": rental_of_customer,
    "calibration_desk:amend": certificate_at_desk,
    "calibration_desk:certificate": certificate_of_a_draft,
    "calibration_desk:list": instrument_at_lab,
    "calibration_desk:record": instrument_at_lab,
    "catalogue_desk:abilities": instrument_at_lab,
    "catalogue_desk:certificate": accreditation,
    "catalogue_desk:change": recognition,
    "catalogue_desk:check_abilities": instrument_at_lab,
    "catalogue_desk:edit_abilities": instrument_at_lab,
    "catalogue_desk:edit_instrument": instrument_at_lab,
    "catalogue_desk:edit_lab": lab_at_desk,
    "catalogue_desk:edit_rental": instrument_at_lab,
    "catalogue_desk:edit_service": service_at_desk,
    "catalogue_desk:first_photo": photo_at_desk,
    "catalogue_desk:history": instrument_at_lab,
    "catalogue_desk:instrument": instrument_at_lab,
    "catalogue_desk:lab": lab_at_desk,
    "catalogue_desk:lab_history": lab_at_desk,
    "catalogue_desk:photo": photo,
    "catalogue_desk:photos": instrument_at_lab,
    "catalogue_desk:recognise": kind_of_recognition,
    "catalogue_desk:recognition": lab_at_desk,
    "catalogue_desk:remove_photo": photo_at_desk,
    "catalogue_desk:rental": instrument_at_lab,
    "catalogue_desk:scope": scope,
    "catalogue_desk:service": service_at_desk,
    "catalogue_desk:service_history": service_at_desk,
    "catalogue_desk:service_scope": service_at_desk,
    "catalogue_desk:service_state": service_at_desk,
    "catalogue_desk:service_versions": service_at_desk,
    "catalogue_desk:set_state": instrument_at_lab,
    "catalogue_desk:status": instrument_at_lab,
    "catalogue_desk:withdraw": recognition,
    "desk-api:instrument": instrument_at_lab,
    "desk-api:offering": service_at_desk,
    "discovery:instrument": instrument,
    "discovery:lab": lab,
    "discovery:next": instrument,
    "discovery:price": instrument,
    "discovery:service": service,
    "discovery:standard": standard,
    "discovery:week": instrument,
    "exchange:discard": waiting_workbook,
    "exchange:export": lab_at_desk,
    "exchange:lab": lab_at_desk,
    "exchange:send": lab_at_desk,
    "exchange:workbook": waiting_workbook,
    "foresight-api:outage": outage_for_programs,
    "foresight:ahead": instrument_at_lab,
    "foresight:alternatives": rental_at_lab,
    "foresight:change_outage": outage,
    "foresight:exception": lab_at_desk,
    "foresight:last_month": instrument_at_lab,
    "foresight:outage": lab_at_desk,
    "foresight:week": lab_at_desk,
    "hours_desk:lab": lab_at_desk,
    "hours_desk:lift": outage,
    "hours_desk:remove_exception": date_exception,
    "notices-api:read": notice,
    "notices:follow": notice,
    "notices:read": notice,
    "notices:stop": unknown_feed,
    "portal:accept": invitation_received,
    "portal:change_role": membership,
    "portal:decide": application,
    "portal:invitation": invitation_link,
    "portal:licence": application,
    "portal:remove": membership,
    "portal:resend": invitation_sent,
    "portal:revoke": invitation_sent,
    "portal:revoke_token": token,
    "publishing:sitemap": sitemap_file,
    "publishing:table": open_table,
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
    "waitlist-api:decline": waitlist_offer_of_program,
    "waitlist-api:entry": waitlist_entry_of_program,
    "waitlist-api:take": waitlist_offer_of_program,
    "waitlist-api:window": waitlist_entry_of_program,
    "waitlist-api:withdraw": waitlist_entry_of_program,
    "waitlist:decline": waitlist_offer,
    "waitlist:take": waitlist_offer,
    "waitlist:window": waitlist_entry,
    "waitlist:withdraw": waitlist_entry,
}
