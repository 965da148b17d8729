"""Pages of those who wait, and of the labs they wait for."""

from django.urls import path

from bookings.waitlist import views

app_name = "waitlist"
urlpatterns = [
    path("my/waitlist/", views.listed, name="list"),
    path("my/waitlist/join/", views.join, name="join"),
    path("my/waitlist/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("my/waitlist/<int:pk>/window/", views.window, name="window"),
    path("my/waitlist/offers/<int:pk>/take/", views.take, name="take"),
    path("my/waitlist/offers/<int:pk>/decline/", views.decline, name="decline"),
    path("desk/waitlist/", views.desk, name="desk"),
]
