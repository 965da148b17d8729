"""What happened to the workbooks of labs."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookHandedOver(Event):
    """A large workbook is to be checked (`act` is `try`) or brought in (`bring`) by a job."""

    workbook_id: int
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookBroughtIn(Event):
    """A lab brought a workbook in; each thing it changed tells its own change."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id",)
    lab_id: int
    file_name: str
    new: int
    changed: int
