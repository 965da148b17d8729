"""Endpoints of the catalogue, below /api/v1/."""

from django.urls import path

from labs.catalogue import api

app_name = "catalogue-api"
urlpatterns = [
    path("instruments/", api.Instruments.as_view(), name="instruments"),
    path("instruments/<str:code>/", api.OneInstrument.as_view(), name="instrument"),
    path("services/", api.Services.as_view(), name="services"),
    path("services/<str:code>/", api.OneService.as_view(), name="service"),
    path("labs/", api.Labs.as_view(), name="labs"),
]
