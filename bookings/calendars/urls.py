from django.urls import path

from bookings.calendars import feeds, views

app_name = "calendars"
urlpatterns = [
    path("cal/<path:token>.ics", feeds.feed, name="feed"),
    path("my/rentals/<str:number>.ics", feeds.rental, name="rental"),
    path("my/calendars/", views.calendars, name="calendars"),
    path("my/calendars/issue/", views.issue, name="issue"),
    path("my/calendars/revoke/", views.revoke, name="revoke"),
]
