"""
Facts in the past tense, and how the rest of the platform hears of them.

An operation ends with `announce(...)`. Who reacts stands on one page, `config/reactions.py`: reactions that must hold
at once run here, in the same transaction; work for later is a job, written as a row in the same transaction.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: when (UTC), by whom, for which organisation; subclasses add the ids it is about."""

    ABOUT: ClassVar[tuple[str, ...]] = ()
    """The facts that name in whose history it stands: `instrument_id`, `instrument_ids`; none for most events."""

    occurred_at: datetime
    actor_id: int | None
    organisation_id: int | None
    reason: str = ""

    @classmethod
    def name(cls) -> str:
        """The event's name in records: RentalConfirmed -> rental_confirmed."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def facts(self) -> dict[str, Any]:
        """The ids and values particular to this kind of event, ready for JSON."""
        common = {"occurred_at", "actor_id", "organisation_id", "reason"}
        return {key: value for key, value in asdict(self).items() if key not in common}

    def about(self) -> list[str]:
        """In whose history it stands: `instrument:12`."""
        found = []
        for name in self.ABOUT:
            value = getattr(self, name)
            ids = value if isinstance(value, tuple | list) else () if value is None else (value,)
            found += [f"{name.removesuffix('s').removesuffix('_id')}:{each}" for each in ids]
        return found


type Reaction = Callable[[Any], None]
type Together = Callable[[Sequence[Any]], None]

_everyone: list[Reaction] = []
_reactions: dict[type[Event], list[Reaction]] = {}
_together: dict[Reaction, Together] = {}


def connect(
    *,
    to_all: Iterable[Reaction],
    to_each: dict[type[Event], list[Reaction]],
    together: dict[Reaction, Together] | None = None,
) -> None:
    """
    Set who reacts to what; called once, by `config/reactions.py`, when the platform starts.

    `together` says of a reaction how it reacts to many facts of one act at once.
    """
    _everyone[:] = to_all
    _reactions.clear()
    _reactions.update(to_each)
    _together.clear()
    _together.update(together or {})


def announce(event: Event) -> None:
    """Tell everyone who reacts, inside the transaction of what happened; a reaction that fails undoes it all."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{event.name()} was announced outside a transaction")
    for reaction in (*_everyone, *_reactions.get(type(event), ())):
        reaction(event)


def announce_all(happened: Sequence[Event]) -> None:
    """
    Tell everyone who reacts of many facts of one act, as `announce` tells of one.

    Each reaction hears all that concerns it, in order, before the next one does; those who know how are told of it
    together. So a long act is written down in few statements.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("facts were announced outside a transaction")
    of_some = [reaction for event in happened for reaction in _reactions.get(type(event), ())]
    for reaction in dict.fromkeys([*_everyone, *of_some]) if happened else ():
        heard = [event for event in happened if reaction in _everyone or reaction in _reactions.get(type(event), ())]
        if together := _together.get(reaction):
            together(heard)
        else:
            for event in heard:
                reaction(event)
