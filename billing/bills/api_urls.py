"""Endpoints of bills, below /api/v1/."""

from django.urls import path

from billing.bills import api

app_name = "bills-api"
urlpatterns = [
    path("bills/", api.Bills.as_view(), name="bills"),
    path("bills/<str:number>/", api.OneBill.as_view(), name="bill"),
]
