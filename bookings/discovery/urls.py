"""Public pages: catalogue, instruments, labs; the home page stands at the root, in `config/urls.py`."""

from django.urls import path

from bookings.discovery import views
from bookings.discovery.disclosure import views as disclosure
from bookings.discovery.search import views as search

app_name = "discovery"
urlpatterns = [
    path("catalogue/", search.catalogue, name="catalogue"),
    path("catalogue/compare/", search.compare, name="compare"),
    path("catalogue/suggest/", search.suggest, name="suggest"),
    path("instruments/<str:code>/", views.instrument, name="instrument"),
    path("instruments/<str:code>/price/", views.price, name="price"),
    path("instruments/<str:code>/next/", views.next_time, name="next"),
    path("instruments/<str:code>/week/", views.week, name="week"),
    path("labs/<str:code>/", disclosure.lab, name="lab"),
    path("services/<str:code>/", disclosure.service, name="service"),
    path("standards/<str:key>/", disclosure.standard, name="standard"),
]
