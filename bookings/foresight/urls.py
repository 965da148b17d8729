"""What a lab asks before it changes its terms."""

from django.urls import path

from bookings.foresight import views

app_name = "foresight"
urlpatterns = [
    path("instruments/<str:code>/tariff/last-month/", views.last_month, name="last_month"),
]
