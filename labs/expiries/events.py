"""What happened to notices of expiry."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiriesNoticed(Event):
    """Some of what an organisation's labs rest on runs out soon, and its managers are to be told."""

    notice_ids: list[int]
