"""What the addresses of a lab's people are about, for the test of access."""

from collections.abc import Callable

from labs.models import InstrumentGroup, Lab, OperatorLeave
from tests.architecture.targets import OTHERS, Target
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import hours
from tests.factories.labs import (
    InstrumentFactory,
    LabFactory,
    OperatorFactory,
    OperatorQualificationFactory,
    UserQualificationFactory,
)


def _of(lab: Lab, **kwargs: object) -> Target:
    return Target(kwargs, OTHERS, LabMembershipFactory(organisation=lab.organisation, role="lab_manager"))


def operator() -> Target:
    """An operator, seen by a manager of the lab."""
    made = OperatorFactory()
    return _of(made.lab, pk=made.pk)


def leave() -> Target:
    """A leave of an operator."""
    operator = OperatorFactory()
    made = OperatorLeave.objects.create(operator=operator, period=hours(0, 8).as_range())
    return _of(operator.lab, pk=made.pk)


def qualification() -> Target:
    """What an operator may run."""
    made = OperatorQualificationFactory()
    return _of(made.operator.lab, pk=made.pk)


def user_qualification() -> Target:
    """That a person may run an instrument of the lab."""
    made = UserQualificationFactory()
    return _of(made.instrument.lab, pk=made.pk)


def lab() -> Target:
    """A lab that gets a group."""
    made = LabFactory()
    return _of(made, code=made.code)


def group() -> Target:
    """A group of instruments of a lab."""
    made = LabFactory()
    InstrumentGroup.objects.create(code="HV", lab=made, name_zh="硬度计").instruments.set(
        InstrumentFactory.create_batch(2, lab=made)
    )
    return _of(made, code="HV")


PEOPLE: dict[str, Callable[[], Target]] = {
    "people:add_group": lab,
    "people:edit": operator,
    "people:group": group,
    "people:history": operator,
    "people:hours": operator,
    "people:leave": operator,
    "people:one": operator,
    "people:qualify": operator,
    "people:remove_group": group,
    "people:take_back": leave,
    "people:unqualify": qualification,
    "people:withdraw": user_qualification,
}
