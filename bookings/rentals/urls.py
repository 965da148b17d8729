"""Pages of a customer's rentals."""

from django.urls import path

from bookings.rentals.views import ahead, holding, one

app_name = "rentals"
urlpatterns = [
    path("instruments/<str:code>/hold/", holding.hold, name="hold"),
    path("my/", ahead.my, name="my"),
    path("my/rentals/", ahead.rentals, name="rentals"),
    path("my/rentals/<str:number>/", one.rental, name="rental"),
    path("my/rentals/<str:number>/confirm/", one.confirm, name="confirm"),
    path("my/rentals/<str:number>/submit/", one.submit, name="submit"),
    path("my/rentals/<str:number>/cancel/", one.cancel, name="cancel"),
]
