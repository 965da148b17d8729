"""Addresses of transfers, balances and monthly statements."""

from django.urls import path

from billing.payments.views import deciding, importing, mine, refunds

app_name = "transfers"
urlpatterns = [
    path("my/balance/", mine.balance, name="balance"),
    path("my/balance/code/", mine.code, name="code"),
    path("my/statements/", mine.statements, name="my-statements"),
    path("my/statements/<str:number>/", mine.statement, name="statement"),
    path("ops/transfers/", deciding.queue, name="queue"),
    path("ops/transfers/lines/", deciding.lines, name="lines"),
    path("ops/transfers/lines/<int:pk>/", deciding.line, name="line"),
    path("ops/transfers/lines/<int:pk>/propose/", deciding.propose, name="propose"),
    path("ops/transfers/proposals/<int:pk>/decide/", deciding.decide, name="decide"),
    path("ops/transfers/statements/", importing.statements, name="statements"),
    path("ops/transfers/statements/<int:pk>/", importing.preview, name="preview"),
    path("ops/transfers/refunds/", refunds.refunds, name="refunds"),
    path("ops/transfers/refunds/<str:kind>/<int:pk>/", refunds.act, name="refund"),
]
