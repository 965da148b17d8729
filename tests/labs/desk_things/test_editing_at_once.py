"""Two people edit one thing at a time, in real threads: one is kept, the other reads who was first."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Membership
from audit.models import AuditEvent
from labs.calibration import operations as calibration
from labs.capabilities import operations as capabilities
from labs.catalogue.editing import changes, instruments, labs, offerings
from labs.models import CalibrationRecord, Instrument, Lab, Offering
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory
from tests.factories.labs import InstrumentFactory, LabFactory, ServiceFactory
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def two_of(lab: Lab) -> list[Membership]:
    return [LabMembershipFactory(organisation=lab.organisation, role="lab_manager") for _ in range(2)]


def one_is_refused(acts: list[Callable[[], Any]], managers: list[Membership]) -> int:
    """Run both, and return whose change was kept; the other must be told by whom."""
    answers = at_once(*acts)
    refused = [place for place, answer in enumerate(answers) if isinstance(answer, changes.EditedMeanwhile)]
    assert len(refused) == 1, answers
    winner = 1 - refused[0]
    assert not isinstance(answers[winner], Exception), answers
    assert answers[refused[0]].facts["who"] == str(managers[winner].user)
    assert "(UTC+8)" in str(answers[refused[0]].facts["when"])
    return winner


def test_of_two_edits_of_an_instrument_one_is_kept() -> None:
    """Note [Written over]"""
    machine = InstrumentFactory()
    managers = two_of(machine.lab)
    seen = changes.mark(changes.of_row(Instrument.objects.get(pk=machine.pk), instruments.FIELDS))

    def edit(place: int) -> Callable[[], Any]:
        return lambda: instruments.edit_instrument(
            instrument=machine, seen=seen, by=managers[place], now=MONDAY_9, maker=f"Works {place}"
        )

    winner = one_is_refused([edit(0), edit(1)], managers)

    machine.refresh_from_db()
    assert machine.maker == f"Works {winner}"
    assert AuditEvent.objects.filter(name="instrument_edited").count() == 1


def test_of_two_edits_of_a_service_one_is_kept_as_a_version() -> None:
    service = ServiceFactory()
    managers = two_of(service.lab)
    seen = changes.mark(offerings.said(Offering.objects.get(pk=service.pk)))

    def edit(place: int) -> Callable[[], Any]:
        return lambda: offerings.edit_offering(
            offering=service, seen=seen, by=managers[place], now=MONDAY_9, unit_price_fen=20_000 + place
        )

    winner = one_is_refused([edit(0), edit(1)], managers)

    assert [version.snapshot["unit_price_fen"] for version in service.versions.all()] == [20_000 + winner]


def test_of_two_edits_of_a_lab_one_is_kept() -> None:
    lab = LabFactory()
    managers = two_of(lab)
    seen = changes.mark(labs.said(Lab.objects.get(pk=lab.pk)))

    def edit(place: int) -> Callable[[], Any]:
        return lambda: labs.edit_lab(lab=lab, seen=seen, by=managers[place], now=MONDAY_9, contact_phone=f"020-{place}")

    winner = one_is_refused([edit(0), edit(1)], managers)

    lab.refresh_from_db()
    assert lab.contact_phone == f"020-{winner}"


def test_of_two_writings_of_abilities_one_is_kept() -> None:
    machine = InstrumentFactory()
    managers = two_of(machine.lab)
    seen = changes.mark(capabilities.said(machine))

    def write(place: int) -> Callable[[], Any]:
        return lambda: capabilities.set_abilities(
            instrument=machine,
            parameters=[{"name_zh": f"力值{place}"}],
            capabilities=[],
            seen=seen,
            by=managers[place],
            now=MONDAY_9,
        )

    winner = one_is_refused([write(0), write(1)], managers)

    assert [row.name_zh for row in machine.parameters.all()] == [f"力值{winner}"]


def test_of_two_corrections_of_a_certificate_one_is_kept() -> None:
    machine = InstrumentFactory()
    managers = two_of(machine.lab)
    kept = CalibrationRecord.objects.get(instrument=machine)
    seen = changes.mark(changes.of_row(kept, calibration.AMENDED))

    def correct(place: int) -> Callable[[], Any]:
        return lambda: calibration.amend_calibration(
            record=CalibrationRecord.objects.get(pk=kept.pk),
            valid_from=kept.valid_from,
            valid_to=kept.valid_to.replace(month=place + 1, day=1),
            result="pass",
            seen=seen,
            reason="corrected",
            by=managers[place],
            now=MONDAY_9,
        )

    winner = one_is_refused([correct(0), correct(1)], managers)

    kept.refresh_from_db()
    assert kept.valid_to.month == winner + 1
