"""Pages of price lists and terms of booking at the lab's desk."""

from django.urls import path

from labs.tariffs import views

app_name = "tariffs_desk"
urlpatterns = [
    path("tariffs/", views.listed, name="list"),
    path("instruments/<str:code>/tariff/", views.terms, name="terms"),
    path("instruments/<str:code>/tariff/new/", views.new_tariff, name="new_tariff"),
    path("instruments/<str:code>/tariff/picture/", views.picture, name="picture"),
    path("instruments/<str:code>/policy/new/", views.new_policy, name="new_policy"),
]
