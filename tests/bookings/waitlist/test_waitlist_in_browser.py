"""A time is waited for, freed, held and taken, in a real browser and in Chinese."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Membership
from bookings.models import WaitlistEntry
from bookings.rentals import operations as rentals
from kernel.periods import Period
from tests.factories.bookings import buyer, confirmed
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory
from tests.jobs import do_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_buyer_waits_for_a_time_is_told_and_takes_it(page_as: Callable[[Membership], Page]) -> None:
    now = timezone.now()
    instrument = InstrumentFactory(lab=LabFactory(weekly=ALWAYS), open_time=now)
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=21)  # within a day: offered at night too
    other, member = buyer(), buyer()
    booked = confirmed(instrument=instrument, period=Period.starting(start, 120), by=other, now=now)
    local = start.astimezone(instrument.lab.tz)
    page = page_as(member)

    # The time is taken: the way to the waitlist stands beside the reason, and the form knows the time.
    page.goto(f"/instruments/{instrument.code}/?date={local:%Y-%m-%d}&start={local:%H:%M}&minutes=120&mode=assisted")
    page.get_by_role("link", name="空出时通知我").click()
    expect(page.locator("#id_since")).to_have_value(f"{local:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="加入候补").click()
    expect(page.get_by_text("排在第 1 位")).to_be_visible()

    # It is freed; the job offers it; the list shows it with its clock running.
    rentals.cancel(rental=booked, by=other, now=timezone.now())
    do_jobs("rentals")
    page.reload()
    expect(page.locator("[data-left]")).to_have_text(re.compile(r"^(2:00:00|1:59:\d\d)$"))

    # Taken, and confirmed as any other.
    page.get_by_role("button", name="接受").click()
    page.wait_for_url("**/my/rentals/R*/")
    page.click("form[action$='/confirm/'] button")
    expect(page.locator(".badge.state-confirmed")).to_be_visible()
    assert WaitlistEntry.objects.get().state == "fulfilled"
