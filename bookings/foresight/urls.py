"""What a lab asks before it changes its terms."""

from django.urls import path

from bookings.foresight import views

app_name = "foresight"
urlpatterns = [
    path("lab/<str:code>/hours/week/", views.week, name="week"),
    path("lab/<str:code>/hours/day/", views.exception, name="exception"),
    path("lab/<str:code>/hours/outage/", views.outage, name="outage"),
    path("instruments/<str:code>/tariff/last-month/", views.last_month, name="last_month"),
    path("instruments/<str:code>/ahead/", views.ahead, name="ahead"),
]
