"""Every letter of a rental's life, in both languages; who is told of what; what may be done, and the timeline."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import translation

from bookings.rentals import operations as rentals
from bookings.rentals import queries, rules
from bookings.rentals.kinds import KINDS
from kernel.events import Event
from kernel.periods import Period
from notices import facts, letters
from notices.models import Notice
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import (
    MONDAY_9,
    TUESDAY_9,
    buyer,
    checked_in,
    checked_out,
    confirmed,
    held,
    hours,
    interrupted,
    lab_of,
)
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
CHINESE = re.compile(r"[一-鿿]")
MAILED = [kind for kind in KINDS if kind.is_mailed]


@pytest.mark.parametrize("kind", MAILED, ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_letter_is_whole_in_both_languages(kind, language):
    member = buyer(name_zh="示例客户", name_en="Example customer")
    rental = interrupted(by=member, period=hours(0, 2))
    tz = rental.instrument.lab.tz
    user = member.user
    user.language, user.name = language, "Li"
    notice = Notice(
        pk=1,
        user=user,
        kind=kind.name,
        link="/my/rentals/x/",
        letter=f"bookings/rentals/mail/{kind.name}.txt",
        facts={
            "rental_id": rental.pk,
            "number": rental.number,
            "before": facts.stretch(hours(0, 2), tz),
            "offered": facts.stretch(hours(24, 26), tz),
            "until": facts.instant(TUESDAY_9, tz),
            "end": facts.instant(TUESDAY_9 + HOUR, tz),
            "fault": "spindle",
            "new_number": "R2",
        },
    )

    written = letters.of_notice(notice, TUESDAY_9)

    assert written is not None
    assert rental.number in written.subject
    said = written.subject + written.body
    assert not re.search(r"{{|{%|%\(|None|\{\w+\}", said), said
    with translation.override("en"):
        known = {rental.instrument.lab.address_zh, rental.organisation.name_zh, *settings.BANK_ACCOUNT.values()}
    if language == "en":
        for data in known - {""}:
            said = said.replace(data, "")
        assert not CHINESE.search(said), said
    else:
        assert CHINESE.search(written.subject)


def told(of) -> list[tuple[str, str]]:
    """Return who was told what about a rental, in the order of time."""
    rows = Notice.objects.filter(about=f"rental:{of.pk}").order_by("pk")
    return list(rows.values_list("kind", "user__email"))


def test_a_use_tells_customer_and_desk_and_the_one_who_did_it_finds_it_read():
    member = buyer()
    instrument = InstrumentFactory()
    operator = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_operator")
    colleague = MembershipFactory(organisation=member.organisation).user
    rental = confirmed(by=member, instrument=instrument, period=hours(0, 2))
    rentals.hand_over(rental=rental, to=colleague, by=member, now=MONDAY_9)
    rentals.check_in(rental=rental, by=operator, now=TUESDAY_9)
    rentals.extend(rental=rental, until=hours(0, 3).end, by=operator, now=TUESDAY_9 + HOUR)
    rentals.check_out(rental=rental, usage=rentals.UsageGiven(condition="good"), by=operator, now=TUESDAY_9 + 3 * HOUR)
    rentals.settle(rental=rental, by=None, now=TUESDAY_9 + timedelta(days=5))

    customer, other, desk = member.user.email, colleague.email, operator.user.email
    assert told(rental) == [
        ("rental_confirmed", customer),
        ("rental_confirmed_lab", desk),
        ("rental_handed_over", other),
        ("rental_handed_over_lab", desk),
        ("rental_checked_in", customer),
        ("rental_checked_in", other),
        ("rental_extended", customer),
        ("rental_extended", other),
        ("rental_checked_out", customer),
        ("rental_checked_out", other),
        ("rental_settled", customer),
        ("rental_settled", other),
    ]


def test_who_lets_a_mere_hold_run_out_hears_nothing_but_who_waited_for_an_answer_does():
    member = buyer()
    instrument = InstrumentFactory(policy__requires_approval=True)
    held(by=member)
    asked = held(by=member, instrument=instrument, period=hours(24, 25))
    asked = rentals.submit_for_approval(rental=asked, by=member, now=MONDAY_9)

    rentals.expire_lapsed(now=MONDAY_9 + timedelta(days=1))

    assert [kind for kind, _ in told(asked)] == ["rental_expired"]
    assert Notice.objects.filter(kind="rental_expired").count() == 1


def test_a_breakdown_is_urgent_and_its_letter_names_what_is_free_instead():
    instrument = InstrumentFactory()
    other = InstrumentFactory(lab=instrument.lab)
    interrupted(instrument=instrument, period=hours(0, 2))

    notice = Notice.objects.get(kind="rental_interrupted")
    written = letters.of_notice(notice, TUESDAY_9 + HOUR)

    assert notice.is_urgent
    assert written is not None
    assert f"({other.code})" in written.body
    assert "主轴异响" in written.body


def test_the_timeline_has_a_title_for_every_event_of_a_rental():
    member = buyer()
    rental = interrupted(by=member, period=hours(0, 2))
    new = rentals.rebook(
        rental=rental, instrument=rental.instrument, period=hours(240, 241), by=member, now=TUESDAY_9 + HOUR
    )
    rental.refresh_from_db()

    names = [moment.name for moment in queries.timeline(rental)]
    assert names == [
        "rental_held",
        "rental_confirmed",
        "rental_checked_in",
        "rental_interrupted",
        "rental_rebooked",
    ]
    assert [moment.title for moment in queries.timeline(new)] == ["已保留时段", "预约已确认"]
    assert set(queries._titles()) >= set(queries.EVENTS)


def test_every_event_about_a_rental_stands_in_its_timeline():
    from bookings.rentals import events

    kinds = {
        one.name()
        for one in vars(events).values()
        if isinstance(one, type) and issubclass(one, events.RentalEvent) and one is not events.RentalEvent
    }
    assert all(issubclass(one, Event) for one in events.FREEING)
    assert kinds - {"lab_cancelled_late"} == set(queries.EVENTS)


MAY = [
    (held, MONDAY_9, {"confirm", "await_payment", "cancel", "hand_over"}, {"cancel_by_lab"}),
    (confirmed, MONDAY_9, {"cancel", "hand_over", "reschedule"}, {"cancel_by_lab", "reschedule_by_lab"}),
    (
        confirmed,
        TUESDAY_9 - timedelta(minutes=15),
        {"cancel", "hand_over"},
        {"cancel_by_lab", "reschedule_by_lab", "check_in"},
    ),
    (checked_in, TUESDAY_9, {"extend"}, {"extend", "interrupt", "check_out"}),
    (checked_out, TUESDAY_9, {"settle"}, set()),
    (interrupted, TUESDAY_9, {"rebook", "abandon"}, {"resume"}),
]


@pytest.mark.parametrize(("make", "now", "customers", "labs"), MAY)
def test_what_may_be_done_is_said_by_state_side_and_clock(make, now, customers, labs):
    member = buyer()
    rental = make(by=member, period=hours(0, 2))
    viewer = MembershipFactory(organisation=member.organisation, role="viewer")

    assert queries.what_may_be_done(rental, member, now) - {"resume"} == customers - {"resume"}
    assert queries.what_may_be_done(rental, lab_of(rental), now) == labs
    assert queries.what_may_be_done(rental, viewer, now) == queries.what_may_be_done(rental, buyer(), now) == set()


def test_after_a_run_was_declared_of_no_use_the_lab_may_object_until_it_has():
    member = buyer()
    rental = rentals.abandon(rental=interrupted(by=member), by=member, now=TUESDAY_9 + HOUR)
    manager = lab_of(rental)

    may = [queries.what_may_be_done(rental, each, TUESDAY_9 + HOUR) for each in (member, manager)]
    rental = rentals.declare_unusable(rental=rental, by=member, now=TUESDAY_9 + HOUR)
    then = [queries.what_may_be_done(rental, each, TUESDAY_9 + HOUR) for each in (member, manager)]

    assert may == [{"settle", "declare_unusable"}, set()]
    assert then == [{"settle"}, {"object_to_unusable"}]


def test_the_rest_of_an_interrupted_use_is_what_was_not_used():
    booked = Period(TUESDAY_9, TUESDAY_9 + 2 * HOUR)

    assert rules.remaining(booked=booked, interrupted_at=TUESDAY_9 + HOUR) == HOUR
    assert rules.remaining(booked=booked, interrupted_at=TUESDAY_9 - HOUR) == 2 * HOUR
    assert rules.remaining(booked=booked, interrupted_at=TUESDAY_9 + 3 * HOUR) == timedelta(0)
