from django.urls import path

from web import views

app_name = "web"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("language/", views.choose_language, name="language"),
    path("acting/", views.switch, name="acting"),
]
