"""Endpoints of outages and conflicts, below /api/v1/."""

from django.urls import path

from bookings.foresight import api

app_name = "foresight-api"
urlpatterns = [
    path("desk/outages/", api.Outages.as_view(), name="outages"),
    path("desk/outages/<int:key>/", api.OneOutage.as_view(), name="outage"),
    path("desk/conflicts/", api.Conflicts.as_view(), name="conflicts"),
    path("desk/conflicts/offer/", api.OfferTimes.as_view(), name="offer"),
    path("desk/conflicts/withdraw/", api.WithdrawOffers.as_view(), name="withdraw"),
]
