"""Addresses of an organisation's money and bills, and of refunds by hand."""

from django.urls import path

from billing.bills.views import mine, refunds

app_name = "bills"
urlpatterns = [
    path("my/money/", mine.money, name="money"),
    path("my/bills/", mine.bills, name="bills"),
    path("my/bills/<str:number>/", mine.bill, name="bill"),
    path("desk/bills/<str:number>/", refunds.at_lab, name="at_lab"),
    path("ops/bills/<str:number>/", refunds.at_platform, name="at_platform"),
    path("ops/refunds/", refunds.requests, name="requests"),
    path("ops/refunds/<int:pk>/", refunds.decide, name="decide"),
]
