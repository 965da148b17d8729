"""Endpoints of vouchers, below /api/v1/."""

from django.urls import path

from billing.vouchers import api

app_name = "vouchers-api"
urlpatterns = [
    path("vouchers/", api.Grants.as_view(), name="grants"),
    path("vouchers/programmes/", api.Programmes.as_view(), name="programmes"),
    path("vouchers/redemptions/", api.Redemptions.as_view(), name="redemptions"),
    path("vouchers/applications/", api.Applications.as_view(), name="applications"),
    path("vouchers/applications/<int:application_id>/withdraw/", api.Withdraw.as_view(), name="withdraw"),
    path("vouchers/claims/", api.Claims.as_view(), name="claims"),
    path("vouchers/claims/<str:number>/", api.OneClaim.as_view(), name="claim"),
    path("vouchers/claims/<str:number>/submit/", api.Submit.as_view(), name="submit"),
    path("vouchers/claims/<str:number>/reimburse/", api.Reimburse.as_view(), name="reimburse"),
    path("vouchers/claims/<str:number>/refuse/", api.Refuse.as_view(), name="refuse"),
]
