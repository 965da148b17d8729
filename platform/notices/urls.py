from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("my/notices/", views.listed, name="list"),
    path("my/notices/read/", views.read_all, name="read_all"),
    path("my/notices/preferences/", views.preferences, name="preferences"),
    path("my/notices/<int:notice_id>/", views.follow, name="follow"),
    path("my/notices/<int:notice_id>/read/", views.read, name="read"),
    path("notices/stop/<str:token>/", views.stop, name="stop"),
]
