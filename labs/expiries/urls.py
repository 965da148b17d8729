"""What runs out, on the lab's desk."""

from django.urls import path

from labs.expiries import views

app_name = "expiries"
urlpatterns = [path("expiries/", views.listed, name="list")]
