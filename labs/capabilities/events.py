"""What happened to what instruments can."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilitiesStated(Event):
    """A lab said what an instrument can; `before` and `after` are the lines as they were written."""

    instrument_id: int
    before: list[str]
    after: list[str]
