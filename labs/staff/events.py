"""What happened to the people who run instruments, to those who may run them, and to groups of instruments."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorEvent(Event):
    """A fact about one operator of a lab."""

    ABOUT: ClassVar[tuple[str, ...]] = ("operator_id",)
    operator_id: int
    lab_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAdded(OperatorEvent):
    """A lab has an operator more; `row` is the name in both languages."""

    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorEdited(OperatorEvent):
    """What is said of an operator has changed, or whether they are there at all."""

    fields: list[str]
    changes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorHoursSet(OperatorEvent):
    """An operator works at other hours from now on; `changes` tell how, by day: `hours_0` to `hours_7`."""

    changes: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveAnnounced(OperatorEvent):
    """An operator is away for a time (BK-10): what they were assigned to needs somebody else; days are the lab's."""

    leave_id: int
    starts_at: str
    ends_at: str
    first_on: str
    last_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveTakenBack(OperatorEvent):
    """An operator is there after all."""

    leave_id: int
    starts_at: str
    ends_at: str
    first_on: str
    last_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorQualified(OperatorEvent):
    """An operator may run an instrument, through a date; `row` names the instrument."""

    instrument_id: int
    valid_to: str
    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorUnqualified(OperatorEvent):
    """An operator may not run an instrument any more; `row` names it."""

    instrument_id: int
    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(Event):
    """A fact about a person's right to run an instrument themself; it stands in the instrument's history."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    user_id: int
    instrument_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserQualified(UserEvent):
    """A person may run an instrument themself, through a date (BK-11)."""

    level: str
    valid_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserQualificationWithdrawn(UserEvent):
    """A person may not run an instrument themself any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEvent(Event):
    """A fact about a group of instruments; it stands in the lab's history. `row` is the name in both languages."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id",)
    group_id: int
    lab_id: int
    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentGroupSaved(GroupEvent):
    """A lab has a group of instruments, or another one than before: `instruments` are their codes."""

    instruments: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentGroupRemoved(GroupEvent):
    """A group of instruments is no more; the instruments are."""
