"""The state machine of rentals as a page of the documentation, drawn from `rules.MOVES`."""

from bookings.rentals import rules

HEAD = """# The states of a rental

Drawn from `bookings/rentals/rules.py` by `manage.py draw_rental_states`; a test compares. What is not drawn is refused
(`ILLEGAL_TRANSITION`) and changes nothing. Each event is one operation in `bookings/rentals/operations/`, one
transaction, audited and announced.

Time is held in the states drawn with a thick border, for good once confirmed; a hold that has run out blocks nobody,
whether the clock has expired it or not. Two marks stand beside the state: `at_risk` (no certificate covers all of the
time) and `needs_rebooking` (it cannot take place as booked).

```mermaid
stateDiagram-v2
"""

FOOT = """```

| event | who | from | to |
|---|---|---|---|
"""


def page() -> str:
    """Return the page: the diagram, and every event with who may bring it about."""
    lines = [f"    [*] --> {rules.HELD}: hold"]
    for start, end in _arrows():
        events = [event for event, moves in rules.MOVES.items() if moves.get(start) == end]
        lines.append(f"    {start} --> {end}: {', '.join(events)}")
    lines += [f"    {state} --> [*]" for state in rules.OVER]
    lines.append("    classDef holding stroke-width:3px")
    lines.append(f"    class {','.join(rules.BLOCKING)} holding")
    rows = [
        f"| `{event}` | {', '.join(rules.BY[event])} | {', '.join(moves)} | {_targets(moves)} |"
        for event, moves in rules.MOVES.items()
    ]
    return HEAD + "\n".join(lines) + "\n" + FOOT + "\n".join(rows) + "\n"


def _arrows() -> list[tuple[str, str]]:
    """Return where a state leads to, each once, in the order of the machine."""
    return list(dict.fromkeys(arrow for moves in rules.MOVES.values() for arrow in moves.items()))


def _targets(moves: dict[str, str]) -> str:
    if all(start == end for start, end in moves.items()):
        return "stays"
    return ", ".join(dict.fromkeys(moves.values()))
