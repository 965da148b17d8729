"""Public pages: catalogue, instruments, labs; the home page stands at the root, in `config/urls.py`."""

from django.urls import path

from bookings.discovery import views

app_name = "discovery"
urlpatterns = [
    path("catalogue/", views.catalogue, name="catalogue"),
    path("instruments/<str:code>/", views.instrument, name="instrument"),
    path("instruments/<str:code>/price/", views.price, name="price"),
    path("instruments/<str:code>/week/", views.week, name="week"),
    path("labs/<str:code>/", views.lab, name="lab"),
]
