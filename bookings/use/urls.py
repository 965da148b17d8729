"""Pages of the desk's day."""

from django.urls import path

from bookings.use import views

app_name = "use"
urlpatterns = [
    path("today/", views.today, name="today"),
    path("check-in/<uuid:uuid>/", views.door, name="door"),
    path("rentals/<str:number>/check-in/", views.check_in, name="check_in"),
    path("rentals/<str:number>/extend/", views.extend, name="extend"),
    path("rentals/<str:number>/interrupt/", views.interrupt, name="interrupt"),
    path("rentals/<str:number>/resume/", views.resume, name="resume"),
    path("rentals/<str:number>/check-out/", views.check_out, name="check_out"),
    path("rentals/<str:number>/object/", views.object_to_unusable, name="object"),
]
