"""Endpoints of payouts, below /api/v1/."""

from django.urls import path

from billing.payouts import api

app_name = "payouts-api"
urlpatterns = [
    path("settlements/", api.Earnings.as_view(), name="settlements"),
    path("settlements/summary/", api.Summary.as_view(), name="summary"),
    path("payouts/", api.Payouts.as_view(), name="payouts"),
    path("payouts/<str:number>/", api.OnePayout.as_view(), name="payout"),
]
