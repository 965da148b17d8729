"""Pages of a customer's rentals."""

from django.urls import path

from bookings.rentals import views

app_name = "rentals"
urlpatterns = [
    path("instruments/<str:code>/hold/", views.hold, name="hold"),
    path("my/", views.my, name="my"),
    path("my/rentals/", views.rentals, name="rentals"),
    path("my/rentals/<str:number>/", views.rental, name="rental"),
    path("my/rentals/<str:number>/confirm/", views.confirm, name="confirm"),
    path("my/rentals/<str:number>/submit/", views.submit, name="submit"),
    path("my/rentals/<str:number>/cancel/", views.cancel, name="cancel"),
]
