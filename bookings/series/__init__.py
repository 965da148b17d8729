"""The same again: rentals by a rule of recurrence (BK-21)."""
