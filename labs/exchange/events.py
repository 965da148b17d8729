"""What happened to the workbooks of labs."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookBroughtIn(Event):
    """A lab brought a workbook in; each thing it changed tells its own change."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id",)
    lab_id: int
    file_name: str
    new: int
    changed: int
