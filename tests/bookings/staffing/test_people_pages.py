"""The desk's pages of the lab's people: read by staff, written by managers, unknown to all others."""

from typing import Any

import pytest

from bookings.models import Rental, Task
from bookings.rentals import operations as rentals
from labs.models import InstrumentGroup, Operator, OperatorLeave, OperatorQualification, UserQualification
from tests.factories.accounts import LabMembershipFactory, MembershipFactory, UserFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours, lab_of
from tests.factories.labs import (
    InstrumentFactory,
    LabFactory,
    OperatorFactory,
    OperatorQualificationFactory,
    UserQualificationFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

UNTIL = "2028-12-31"


@pytest.fixture
def english(client_as: Any) -> Any:
    """Return a client whose pages are in English: what is asserted stays readable, whatever the translations say."""

    def signed_in(member: Any) -> Any:
        client = client_as(member)
        client.cookies["language"] = "en"
        return client

    return signed_in


@pytest.fixture
def operator() -> Operator:
    made = OperatorFactory(name_en="Zhou Wenjing")
    InstrumentFactory(lab=made.lab, operator=made)
    return made


def of_lab(operator: Operator, role: str = "lab_manager") -> Any:
    return LabMembershipFactory(organisation=operator.lab.organisation, role=role)


def page(operator: Operator, act: str = "") -> str:
    return f"/desk/people/{operator.pk}/{act}"


@pytest.mark.parametrize("act", ["", "history/"])
def test_staff_read_and_nobody_else(english: Any, operator: Operator, act: str) -> None:
    assert english(of_lab(operator, "lab_operator")).get(page(operator, act)).status_code == 200
    assert english(LabMembershipFactory(role="lab_manager")).get(page(operator, act)).status_code == 404
    assert english(MembershipFactory()).get(page(operator, act)).status_code == 403
    assert english(None).get(page(operator, act)).status_code == 302


@pytest.mark.parametrize("act", ["edit/", "hours/", "leave/"])
def test_only_managers_write(english: Any, operator: Operator, act: str) -> None:
    assert english(of_lab(operator)).get(page(operator, act)).status_code == 200
    assert english(of_lab(operator, "lab_operator")).get(page(operator, act)).status_code == 403
    assert english(LabMembershipFactory(role="lab_manager")).post(page(operator, act)).status_code == 404


@pytest.mark.parametrize("path", ["/desk/people/", "/desk/people/users/", "/desk/people/groups/"])
def test_lists_show_our_own_and_ask_as_many_statements_for_three_as_for_one(
    english: Any, django_assert_num_queries: Any, path: str
) -> None:
    lab, other = LabFactory(), LabFactory(name_en="Elsewhere")

    def one_more(lab: Any) -> None:
        operator = OperatorFactory(lab=lab, name_en=f"Person of {lab.name_en}")
        OperatorLeave.objects.create(operator=operator, period=hours(0, 8).as_range())
        pair = InstrumentFactory.create_batch(2, lab=lab, operator=operator)
        UserQualificationFactory(instrument=pair[0], user=UserFactory(name=f"User of {lab.name_en}"))
        group = InstrumentGroup.objects.create(code=f"G{operator.pk}", lab=lab, name_zh="组", name_en=lab.name_en)
        group.instruments.set(pair)

    one_more(lab)
    one_more(other)
    client = english(LabMembershipFactory(organisation=lab.organisation, role="lab_manager"))
    client.get(path)
    with django_assert_num_queries(14, exact=False) as few:
        told = client.get(path).content.decode()
    assert "Elsewhere" not in told
    assert lab.name_en in told
    for _ in range(2):
        one_more(lab)
    with django_assert_num_queries(len(few)):
        client.get(path)


def test_the_lists_are_filtered_and_taken_away(english: Any, operator: Operator) -> None:
    OperatorFactory(lab=operator.lab, name_en="Somebody Else")
    user = UserQualificationFactory(instrument=operator.qualifications.get().instrument).user
    client = english(of_lab(operator, "lab_operator"))

    code = operator.qualifications.get().instrument.code
    assert [one.pk for one in client.get(f"/desk/people/?instrument={code.lower()}").context["page"]] == [operator.pk]
    assert [one.pk for one in client.get("/desk/people/?q=wenjing").context["page"]] == [operator.pk]
    assert client.get("/desk/people/?format=csv").content.decode("utf-8-sig").count("\n") == 3
    assert user.email in client.get("/desk/people/users/?format=csv").content.decode("utf-8-sig")
    assert list(client.get("/desk/people/users/?q=nobody").context["page"]) == []


def test_a_manager_adds_an_operator_and_says_what_they_may_run(english: Any, operator: Operator) -> None:
    client = english(of_lab(operator))
    sent = {"lab": operator.lab_id, "code": "OP-77", "name_zh": "李工", "name_en": "Li"}

    answer = client.post("/desk/people/new/", sent)

    made = Operator.objects.get(code="OP-77")
    assert answer.headers["Location"] == page(made)
    assert client.post("/desk/people/new/", sent).status_code == 422
    instrument = operator.qualifications.get().instrument
    assert client.post(page(made, "qualify/"), {"instrument": instrument.pk, "valid_to": UNTIL}).status_code == 302
    assert client.post(page(made, "qualify/"), {"instrument": "", "valid_to": "2020-01-01"}).status_code == 422
    elsewhere = {"instrument": InstrumentFactory().pk, "valid_to": UNTIL}
    assert client.post(page(made, "qualify/"), elsewhere).status_code == 422
    qualification = made.qualifications.get()
    assert client.post(f"/desk/people/qualifications/{qualification.pk}/remove/").status_code == 302
    assert not made.qualifications.exists()


def test_who_was_overtaken_is_told_and_nothing_is_written_over(english: Any, operator: Operator) -> None:
    client = english(of_lab(operator))
    shown = client.get(page(operator, "edit/")).context["form"]["seen"].value()
    sent = {"name_zh": operator.name_zh, "name_en": "First", "is_active": "on", "seen": shown}
    assert client.post(page(operator, "edit/"), sent).status_code == 302

    answer = client.post(page(operator, "edit/"), {**sent, "name_en": "Second"})

    operator.refresh_from_db()
    assert (answer.status_code, operator.name_en) == (422, "First")
    assert "What is said of them changed" in client.get(page(operator, "history/")).content.decode()


def test_a_week_of_ones_own_is_written_and_emptied(english: Any, operator: Operator) -> None:
    client = english(of_lab(operator))

    assert client.post(page(operator, "hours/"), {"d0_0_opens": "09:00", "d0_0_closes": "12:00"}).status_code == 302
    assert "09:00–12:00" in client.get(page(operator)).content.decode()
    assert client.post(page(operator, "hours/"), {"d0_0_opens": "12:00", "d0_0_closes": "09:00"}).status_code == 422
    assert client.post(page(operator, "hours/"), {}).status_code == 302
    assert "They keep the lab's hours." in client.get(page(operator)).content.decode()


LEAVE = {"start": "2026-11-24T08:00", "end": "2026-11-24T18:00", "reason_zh": "年假", "reason_en": "Holiday"}


def test_a_leave_over_bookings_lists_them_first_and_says_what_nobody_takes_over(
    english: Any, operator: Operator
) -> None:
    rental = confirmed(instrument=operator.qualifications.get().instrument)
    client = english(of_lab(operator))

    shown = client.post(page(operator, "leave/"), LEAVE)

    told = shown.content.decode()
    assert (shown.status_code, OperatorLeave.objects.exists()) == (200, False)
    assert rental.number in told
    assert client.post(page(operator, "leave/"), {**LEAVE, "back": "1"}).status_code == 200
    done = client.post(page(operator, "leave/"), {**LEAVE, "confirmed": shown.context["mark"]}, follow=True)
    assert "Nobody else can take over 1 booking" in done.content.decode()
    assert (OperatorLeave.objects.count(), Task.objects.open().count()) == (1, 1)

    taken_back = client.post(f"/desk/people/leaves/{OperatorLeave.objects.get().pk}/take-back/")

    assert (taken_back.status_code, Task.objects.open().count()) == (302, 0)


def test_a_leave_that_ends_before_it_begins_is_refused_beside_its_end(english: Any, operator: Operator) -> None:
    answer = english(of_lab(operator)).post(page(operator, "leave/"), {**LEAVE, "end": LEAVE["start"]})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["end"])


def test_a_page_of_a_colleague_who_takes_over_shows_the_booking(english: Any, operator: Operator) -> None:
    rental = confirmed(instrument=operator.qualifications.get().instrument)
    second = OperatorFactory(lab=operator.lab)
    OperatorQualificationFactory(operator=second, instrument=rental.instrument)
    client = english(of_lab(operator))
    mark = client.post(page(operator, "leave/"), LEAVE).context["mark"]

    client.post(page(operator, "leave/"), {**LEAVE, "confirmed": mark})

    assert rental.number in client.get(page(second)).content.decode()
    assert rental.number not in client.get(page(operator)).content.decode()


def test_a_user_is_qualified_by_their_address_after_a_training_slot(english: Any, operator: Operator) -> None:
    instrument = operator.qualifications.get().instrument
    instrument.training_required = True
    instrument.save()
    member = buyer()
    slot = held(instrument=instrument, mode="training", by=member, period=hours(24, 26))
    rentals.submit_for_approval(rental=slot, by=member, now=MONDAY_9)
    rentals.approve(rental=slot, by=lab_of(slot), now=MONDAY_9)
    slot = rentals.confirm_on_account(rental=slot, by=member, now=MONDAY_9)
    Rental.objects.filter(pk=slot.pk).update(
        status="checked_out", checked_in_at=slot.time.start, checked_out_at=slot.time.end
    )
    client = english(of_lab(operator))
    assert [one.pk for one in client.get("/desk/people/users/").context["trained"]] == [slot.pk]
    prefilled = client.get(f"/desk/people/users/?email={slot.placed_by.email}&instrument={instrument.pk}")
    assert slot.placed_by.email in prefilled.content.decode()

    sent = {"email": slot.placed_by.email.upper(), "instrument": instrument.pk, "level": "independent"}
    assert client.post("/desk/people/users/qualify/", {**sent, "valid_to": UNTIL}).status_code == 302

    qualification = UserQualification.objects.get(user=slot.placed_by)
    assert list(client.get("/desk/people/users/").context["trained"]) == []
    assert client.post("/desk/people/users/qualify/", {**sent, "valid_to": "2026-11-22"}).status_code == 422
    unknown = {**sent, "email": "nobody@example.com", "valid_to": UNTIL}
    assert client.post("/desk/people/users/qualify/", unknown).status_code == 422
    assert client.post(f"/desk/people/users/{qualification.pk}/withdraw/").status_code == 302
    assert not UserQualification.objects.exists()


def test_groups_are_made_changed_and_taken_apart(english: Any, operator: Operator) -> None:
    one = operator.qualifications.get().instrument
    two, three = InstrumentFactory.create_batch(2, lab=operator.lab)
    client = english(of_lab(operator))
    sent = {"code": "HV", "name_zh": "硬度计", "name_en": "Hardness testers"}
    new = f"/desk/people/groups/{operator.lab.code}/new/"

    assert client.post(new, {**sent, "instruments": [one.pk]}).status_code == 422
    assert client.post(new, {**sent, "instruments": [one.pk, two.pk]}).status_code == 302
    assert client.post(new, {**sent, "instruments": [one.pk, two.pk]}).status_code == 422
    changed = {**sent, "name_en": "Testers", "instruments": [two.pk, three.pk]}
    assert client.post("/desk/people/groups/HV/", changed).status_code == 302
    group = InstrumentGroup.objects.get()
    assert (group.name_en, set(group.instruments.all())) == ("Testers", {two, three})
    assert client.post("/desk/people/groups/HV/remove/").status_code == 302
    assert not InstrumentGroup.objects.exists()


def test_whoever_has_left_is_not_offered_work_and_is_said_to_have_left(english: Any, operator: Operator) -> None:
    client = english(of_lab(operator))
    seen = client.get(page(operator, "edit/")).context["form"]["seen"].value()

    client.post(page(operator, "edit/"), {"name_zh": operator.name_zh, "name_en": operator.name_en, "seen": seen})

    assert "They no longer work here" in client.get(page(operator)).content.decode()
    assert OperatorQualification.objects.get().operator == operator
