"""The platform's ledger, below /ops/ledger/."""

from django.urls import path

from billing.ledger.views import browsing, by_hand

app_name = "ledger"
urlpatterns = [
    path("", browsing.trial_balance, name="balance"),
    path("accounts/<str:code>/", browsing.account, name="account"),
    path("accounts/<str:code>/lines/", browsing.lines, name="lines"),
    path("entries/", browsing.entries, name="entries"),
    path("entries/<int:pk>/", browsing.entry, name="entry"),
    path("entries/<int:pk>/reverse/", by_hand.propose_reversal, name="reverse"),
    path("checks/", browsing.checks, name="checks"),
    path("postings/", by_hand.inbox, name="postings"),
    path("postings/new/", by_hand.propose, name="propose"),
    path("postings/<int:pk>/", by_hand.posting, name="posting"),
    path("postings/<int:pk>/decide/", by_hand.decide, name="decide"),
]
