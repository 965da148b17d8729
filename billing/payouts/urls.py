"""Addresses of payouts, the platform's fee and the reconciliation."""

from django.urls import path

from billing.payouts.views import desk, fees, ops, reconciling

app_name = "payouts"
urlpatterns = [
    path("desk/money/", desk.money, name="money"),
    path("desk/money/lines/", desk.lines, name="lines"),
    path("desk/money/payouts/", desk.payouts, name="mine"),
    path("desk/money/payouts/<str:number>/", desk.sheet, name="sheet"),
    path("ops/payouts/", ops.overview, name="overview"),
    path("ops/payouts/prepare/", ops.prepare, name="prepare"),
    path("ops/payouts/all/", ops.payouts, name="all"),
    path("ops/payouts/fees/", fees.fees, name="fees"),
    path("ops/payouts/fees/<int:pk>/decide/", fees.decide, name="decide-fee"),
    path("ops/payouts/batches/<str:number>/", ops.batch, name="batch"),
    path("ops/payouts/batches/<str:number>/approve/", ops.approve, name="approve"),
    path("ops/payouts/batches/<str:number>/send/", ops.send, name="send"),
    path("ops/payouts/batches/<str:number>/file/", ops.bank_file, name="bank-file"),
    path("ops/payouts/<str:number>/", ops.payout, name="payout"),
    path("ops/payouts/<str:number>/confirm/", ops.confirm, name="confirm"),
    path("ops/payouts/<str:number>/fail/", ops.fail, name="fail"),
    path("ops/reconciliation/", reconciling.differences, name="differences"),
    path("ops/reconciliation/run/", reconciling.run, name="reconcile"),
]
