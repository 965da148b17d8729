"""The tasks of the lab's desk."""

from django.urls import path

from bookings.tasks import views

app_name = "tasks"
urlpatterns = [
    path("tasks/", views.listed, name="list"),
    path("tasks/<int:pk>/close/", views.close, name="close"),
]
