"""What a lab asks before it changes its terms."""

from django.urls import path

from bookings.foresight import views

app_name = "foresight"
urlpatterns = [
    path("what-if/", views.what_if, name="what_if"),
    path("conflicts/", views.conflicts, name="conflicts"),
    path("conflicts/offer/", views.offer, name="offer"),
    path("conflicts/withdraw/", views.withdraw, name="withdraw"),
    path("rentals/<str:number>/alternatives/", views.alternatives, name="alternatives"),
    path("lab/<str:code>/hours/week/", views.week, name="week"),
    path("lab/<str:code>/hours/day/", views.exception, name="exception"),
    path("lab/<str:code>/hours/outage/", views.outage, name="outage"),
    path("lab/outages/<int:pk>/", views.change_outage, name="change_outage"),
    path("instruments/<str:code>/tariff/last-month/", views.last_month, name="last_month"),
    path("instruments/<str:code>/ahead/", views.ahead, name="ahead"),
]
