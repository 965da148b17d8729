"""What happens to how people are told."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePreferencesChanged(Event):
    """A person chose anew when they want mail; `changed` names groups, `digest_hour`, `quiet_hours`."""

    user_id: int
    changed: tuple[str, ...]
