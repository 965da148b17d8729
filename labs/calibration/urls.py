"""Certificates at the lab's desk, and their files."""

from django.urls import path

from labs.calibration import views

app_name = "calibration_desk"
urlpatterns = [
    path("desk/instruments/<str:code>/calibration/", views.listed, name="list"),
    path("desk/instruments/<str:code>/calibration/new/", views.record, name="record"),
    path("desk/instruments/<str:code>/calibration/<int:pk>/", views.amend, name="amend"),
    path("instruments/<str:code>/certificates/<int:pk>/", views.certificate, name="certificate"),
]
