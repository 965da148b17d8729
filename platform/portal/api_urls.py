"""Endpoints of people and organisations, below /api/v1/."""

from django.urls import path

from portal import api

app_name = "portal-api"
urlpatterns = [
    path("me/", api.Me.as_view(), name="me"),
    path("organisation/", api.OwnOrganisation.as_view(), name="organisation"),
    path("organisation/check-credit-code/", api.CheckCreditCode.as_view(), name="check-credit-code"),
]
