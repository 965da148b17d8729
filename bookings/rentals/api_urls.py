"""Endpoints of rentals and free time, below /api/v1/."""

from django.urls import path

from bookings.availability import api as availability
from bookings.rentals import api

app_name = "rentals-api"
urlpatterns = [
    path("instruments/<str:code>/availability/", availability.Availability.as_view(), name="availability"),
    path("instruments/<str:code>/price/", availability.PriceOfUse.as_view(), name="price"),
    path("rentals/", api.Rentals.as_view(), name="rentals"),
    path("rentals/<str:number>/", api.OneRental.as_view(), name="rental"),
    path("rentals/<str:number>/confirm/", api.Confirm.as_view(), name="confirm"),
    path("rentals/<str:number>/submit/", api.Submit.as_view(), name="submit"),
    path("rentals/<str:number>/cancel/", api.Cancel.as_view(), name="cancel"),
    path("desk/rentals/", api.DeskRentals.as_view(), name="desk-rentals"),
    path("desk/rentals/<str:number>/approve/", api.Approve.as_view(), name="approve"),
    path("desk/rentals/<str:number>/reject/", api.Reject.as_view(), name="reject"),
    path("desk/rentals/<str:number>/cancel/", api.CancelByLab.as_view(), name="cancel-by-lab"),
]
