"""Endpoints of notices, below /api/v1/."""

from django.urls import path

from notices import api

app_name = "notices-api"
urlpatterns = [
    path("notices/", api.Notices.as_view(), name="notices"),
    path("notices/read/", api.AllRead.as_view(), name="read-all"),
    path("notices/preferences/", api.PreferencesOfPerson.as_view(), name="preferences"),
    path("notices/<int:notice_id>/read/", api.OneRead.as_view(), name="read"),
]
