"""What the addresses of series are about, for the test of access."""

from collections.abc import Callable

from tests.architecture.targets import OTHERS, Target
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import buyer
from tests.factories.series import book_series


def series_of_customer() -> Target:
    """A series, seen by the customer's side."""
    member = buyer()
    return Target({"uuid": book_series(by=member, rule="FREQ=WEEKLY;COUNT=1").uuid}, OTHERS, member)


def series_at_lab() -> Target:
    """A series, seen by the side of the lab whose instrument it takes."""
    made = book_series(rule="FREQ=WEEKLY;COUNT=1")
    manager = LabMembershipFactory(organisation=made.instrument.lab.organisation, role="lab_manager")
    return Target({"uuid": made.uuid}, OTHERS, manager)


SERIES: dict[str, Callable[[], Target]] = {
    "series-api:approve": series_at_lab,
    "series-api:cancel": series_of_customer,
    "series-api:cancel-by-lab": series_at_lab,
    "series-api:confirm": series_of_customer,
    "series-api:desk-one": series_at_lab,
    "series-api:extend": series_of_customer,
    "series-api:extend-preview": series_of_customer,
    "series-api:fees": series_of_customer,
    "series-api:move": series_of_customer,
    "series-api:move-preview": series_of_customer,
    "series-api:one": series_of_customer,
    "series-api:reject": series_at_lab,
    "series:cancel": series_of_customer,
    "series:confirm": series_of_customer,
    "series:desk_approve": series_at_lab,
    "series:desk_cancel": series_at_lab,
    "series:desk_one": series_at_lab,
    "series:desk_reject": series_at_lab,
    "series:extend": series_of_customer,
    "series:move": series_of_customer,
    "series:one": series_of_customer,
}
