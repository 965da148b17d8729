"""The drawing in the documentation is the machine of the rules."""

from bookings.rentals import drawing, rules
from tests.architecture.tree import ROOT


def test_the_drawing_is_current():
    drawn = (ROOT / "docs" / "rental-states.md").read_text(encoding="utf-8")

    assert drawn == drawing.page(), "run: manage.py draw_rental_states"


def test_every_event_is_drawn_once_from_each_state():
    arrows = [line for line in drawing.page().splitlines() if "-->" in line and "[*]" not in line]

    for event, moves in rules.MOVES.items():
        for start, end in moves.items():
            drawn = [line for line in arrows if line.strip().startswith(f"{start} --> {end}:")]
            assert len(drawn) == 1
            assert event in drawn[0].split(": ", 1)[1].split(", ")
