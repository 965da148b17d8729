"""No page is wider than a phone, in either language, light or dark."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import Membership
from bookings.availability import queries as availability
from bookings.models import Rental
from bookings.rentals import operations as rentals
from kernel.periods import Period
from labs.models import Instrument

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = ("/", "/catalogue/", "/catalogue/?q=zzzz", "/instruments/TH-006/", "/labs/LAB-TH-01/")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def too_wide(page: Page, paths: tuple[str, ...]) -> list[str]:
    """Return the pages that can be scrolled sideways."""
    found = []
    for path in paths:
        answer = page.goto(path, wait_until="networkidle")
        assert answer
        assert answer.status == 200, path
        if page.evaluate(WIDER) > 0:
            found.append(path)
    return found


def two_rentals() -> list[Rental]:
    """Return a held and a confirmed rental of the demo's buyer."""
    member = Membership.objects.get(user__email="buyer@sme.example", organisation__code="ORG-S03")
    machine = Instrument.objects.select_related("lab").get(code="TH-006")
    now = timezone.now()
    within = Period(now, now + timedelta(days=14))
    starts = availability.starts(machine.pk, within=within, minutes=60, mode="assisted", member=member, now=now)
    made = [
        rentals.place_hold(instrument=machine, period=Period.starting(at, 60), mode="assisted", by=member, now=now)
        for at in (starts[0], starts[6])
    ]
    rentals.confirm_on_account(rental=made[1], by=member, now=now)
    return made


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_is_wider_than_a_phone(
    demo: None, visitor: Callable[..., Page], signed_in: Callable[..., Page], language: str
) -> None:
    held, confirmed = two_rentals()
    mine = (
        "/my/",
        "/my/rentals/",
        f"/my/rentals/{held.number}/",
        f"/my/rentals/{confirmed.number}/cancel/",
        f"/instruments/TH-006/?date={confirmed.time.start.date()}&start=10:00&minutes=120&mode=assisted",
    )
    desk = ("/desk/", "/desk/board/", "/desk/board/?days=1", "/desk/rentals/", f"/desk/rentals/{confirmed.number}/")
    how = {"language": language, "width": 390}

    assert too_wide(visitor(**how), PUBLIC) == []
    assert too_wide(signed_in("buyer@sme.example", **how, color_scheme="dark"), mine) == []
    assert too_wide(signed_in("operator@lab.example", **how), desk) == []
