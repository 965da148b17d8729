"""Who sees what of the catalogue, and how things come into it."""

import pytest

from audit.models import AuditEvent
from labs.catalogue import operations as catalogue
from labs.models import Instrument, Lab, Offering
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.labs import InstrumentFactory, LabFactory, ServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return LabMembershipFactory()


@pytest.fixture
def rows(member):
    """One published instrument and service of a stranger's lab; drafts of the member's; all of a closed lab."""
    own, stranger = LabFactory(code="OWN", organisation=member.organisation), LabFactory(code="STR")
    closed = LabFactory(code="CLO", is_active=False)
    for lab, published in ((own, False), (stranger, True), (closed, True)):
        InstrumentFactory(code=f"{lab.code}-1", lab=lab, published=published)
        ServiceFactory(
            code=f"{lab.code}-2", lab=lab, state=Offering.State.PUBLISHED if published else Offering.State.DRAFT
        )


def codes(rows):
    return {row.code for row in rows}


@pytest.mark.usefixtures("rows")
def test_everybody_sees_the_public_catalogue_and_a_labs_people_their_own(member):
    assert codes(Instrument.objects.visible_to(None)) == {"STR-1"}
    assert codes(Instrument.objects.visible_to(MembershipFactory())) == {"STR-1"}
    assert codes(Instrument.objects.visible_to(member)) == {"STR-1", "OWN-1"}
    assert codes(Offering.objects.services().visible_to(None)) == {"STR-2"}
    assert codes(Offering.objects.services().visible_to(member)) == {"STR-2", "OWN-2"}
    assert codes(Lab.objects.visible_to(None)) == {"OWN", "STR"}
    assert codes(Lab.objects.published()) == {"OWN", "STR"}


@pytest.mark.usefixtures("rows")
def test_a_lab_is_operated_by_the_members_of_its_organisation(member):
    assert codes(Instrument.objects.operated_by(member)) == {"OWN-1"}
    assert codes(Offering.objects.services().operated_by(member)) == {"OWN-2"}
    assert codes(Lab.objects.operated_by(member)) == {"OWN"}
    for model in (Instrument, Offering, Lab):
        assert not model.objects.operated_by(None).exists()


@pytest.mark.parametrize(
    ("status", "bookable"),
    [
        ("available", True),
        ("in_use", True),
        ("maintenance", False),
        ("fault", False),
        ("suspended", False),
        ("retired", False),
    ],
)
def test_the_status_says_whether_an_instrument_may_be_booked(status, bookable):
    instrument = InstrumentFactory(status=status)

    assert instrument.is_bookable == bookable
    assert Instrument.objects.bookable_by(None).exists() == bookable


@pytest.mark.parametrize(("status", "bookable"), [("maintenance", True), ("suspended", False)])
def test_what_is_away_may_be_booked_from_its_return_on(status, bookable):
    instrument = InstrumentFactory(status=status, expected_back_at=MONDAY_9)

    assert instrument.is_bookable == bookable
    assert Instrument.objects.bookable_by(None).exists() == bookable


def test_a_rental_is_offered_once_as_a_draft_and_published_by_name(member):
    instrument = InstrumentFactory(code="N-1", published=True)
    Offering.objects.all().delete()

    offering = catalogue.offer_rental(instrument=instrument, by=member, now=MONDAY_9)
    assert (offering.code, offering.state) == ("RENT-N-1", Offering.State.DRAFT)
    with pytest.raises(catalogue.RentalOfferedAlready):
        catalogue.offer_rental(instrument=instrument, by=member, now=MONDAY_9)

    catalogue.set_offering_state(offering=offering, state="published", by=member, now=MONDAY_9)
    assert Instrument.objects.published().get() == instrument
    assert list(AuditEvent.objects.order_by("pk").values_list("name", flat=True)) == [
        "rental_offered",
        "offering_state_set",
    ]
