"""Endpoints of the lab's desk, below /api/v1/."""

from django.urls import path

from labs.desk import api

app_name = "desk-api"
urlpatterns = [
    path("desk/instruments/<str:code>/", api.OneInstrument.as_view(), name="instrument"),
    path("desk/offerings/<str:code>/", api.OneOffering.as_view(), name="offering"),
]
