"""Endpoints of the ledger, below /api/v1/."""

from django.urls import path

from billing.ledger import api

app_name = "ledger-api"
urlpatterns = [
    path("ledger/trial-balance/", api.TrialBalance.as_view(), name="balance"),
    path("ledger/client-money/", api.ClientMoney.as_view(), name="client-money"),
    path("ledger/accounts/<str:code>/", api.SubLedger.as_view(), name="account"),
    path("ledger/entries/", api.Entries.as_view(), name="entries"),
    path("ledger/entries/<int:entry_id>/", api.OneEntry.as_view(), name="entry"),
    path("ledger/lines/", api.Lines.as_view(), name="lines"),
]
