"""Pages of the lab's hours at the desk."""

from django.urls import path

from labs.hours import views

app_name = "hours_desk"
urlpatterns = [
    path("lab/hours/", views.home, name="home"),
    path("lab/<str:code>/hours/", views.lab, name="lab"),
    path("lab/exceptions/<int:pk>/remove/", views.remove_exception, name="remove_exception"),
    path("lab/outages/<int:pk>/lift/", views.lift, name="lift"),
]
