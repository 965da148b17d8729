"""What a person has seen of the bookings before they close the time."""

import hashlib
from collections.abc import Iterable

from django import forms

from bookings.rentals.models import Rental

CONFIRMED = "confirmed"


class SeenForm(forms.Form):
    """The mark of the bookings that were shown when the change was confirmed."""

    confirmed = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)


def mark_of(rentals: Iterable[Rental]) -> str:
    """Return a short mark of some bookings: another when one comes or goes, so that none is closed upon unseen."""
    numbers = ",".join(sorted(rental.number for rental in rentals))
    return hashlib.sha256(numbers.encode()).hexdigest()[:16]
