"""Endpoints of balances, references, monthly statements and bank lines, below /api/v1/."""

from django.urls import path

from billing.payments import api

app_name = "payments-api"
urlpatterns = [
    path("balance/", api.Balance.as_view(), name="balance"),
    path("balance/movements/", api.Movements.as_view(), name="movements"),
    path("references/", api.References.as_view(), name="references"),
    path("statements/", api.Statements.as_view(), name="statements"),
    path("statements/<str:number>/", api.OneStatement.as_view(), name="statement"),
    path("bank-lines/", api.BankLines.as_view(), name="bank-lines"),
]
