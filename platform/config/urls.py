"""Every address of the platform, by who answers it; each step names its own in its `urls.py`."""

from django.contrib import admin
from django.urls import include, path

from web import views as web

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.fault"

urlpatterns = [
    path("", include("web.urls")),
    path("", web.home, name="home"),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("api.urls")),
    path("api/v1/", include("bookings.rentals.api_urls")),
    path("", include("bookings.calendars.urls")),
    path("", include("portal.urls")),
    path("admin/", admin.site.urls),
]
