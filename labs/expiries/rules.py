"""When notice is given of what runs out (LAB-2)."""

THRESHOLDS = (90, 30, 7)
"""Days before the last day on which notice is given."""

AHEAD = THRESHOLDS[0]
LONG_OVER = 60
"""For how many days what has run out stays in the list."""


def nearest(days_left: int) -> int | None:
    """
    Return the notice that is due: the nearest threshold that has been reached, or None where none has.

    A worker that slept catches up without flooding: of two thresholds passed meanwhile only the nearer one counts.
    """
    if days_left < 0:
        return None
    return min((threshold for threshold in THRESHOLDS if days_left <= threshold), default=None)
