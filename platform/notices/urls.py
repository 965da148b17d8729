from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("my/notices/", views.listed, name="list"),
    path("my/notices/read/", views.read_all, name="read_all"),
    path("my/notices/preferences/", views.preferences, name="preferences"),
    path("my/notices/<int:pk>/", views.follow, name="follow"),
    path("my/notices/<int:pk>/read/", views.read, name="read"),
    path("notices/stop/<str:text>/", views.stop, name="stop"),
]
