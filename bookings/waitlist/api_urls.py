"""Endpoints of those who wait, below /api/v1/."""

from django.urls import path

from bookings.waitlist import api

app_name = "waitlist-api"
urlpatterns = [
    path("waitlist/", api.Entries.as_view(), name="entries"),
    path("waitlist/<int:entry_id>/", api.OneEntry.as_view(), name="entry"),
    path("waitlist/<int:entry_id>/window/", api.Window.as_view(), name="window"),
    path("waitlist/<int:entry_id>/withdraw/", api.Withdraw.as_view(), name="withdraw"),
    path("waitlist/offers/<int:offer_id>/take/", api.Take.as_view(), name="take"),
    path("waitlist/offers/<int:offer_id>/decline/", api.Decline.as_view(), name="decline"),
]
