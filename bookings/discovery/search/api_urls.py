"""Endpoints of the catalogue, below /api/v1/: lists from here, single things from the catalogue itself."""

from django.urls import path

from bookings.discovery.search import api as search
from labs.catalogue import api

app_name = "catalogue-api"
urlpatterns = [
    path("instruments/", search.Instruments.as_view(), name="instruments"),
    path("instruments/<str:code>/", api.OneInstrument.as_view(), name="instrument"),
    path("services/", search.Services.as_view(), name="services"),
    path("services/<str:code>/", api.OneService.as_view(), name="service"),
    path("labs/", api.Labs.as_view(), name="labs"),
]
