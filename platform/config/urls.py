"""Every address of the platform, by who answers it; each step names its own in its `urls.py`."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from bookings.discovery import views as discovery

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.fault"

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one log-in, with its limits
admin.site.site_header = admin.site.site_title = _("Gongheng: reference data")
admin.site.index_title = _("What there is to keep")

ENDPOINTS = [
    path("", include("bookings.rentals.api_urls")),
    path("", include("api.urls")),
    path("", include("notices.api_urls")),
    path("", include("portal.api_urls")),
    path("", include("bookings.discovery.search.api_urls")),
    path("", include("labs.desk.api_urls")),
    path("", include("billing.bills.api_urls")),
    path("", include("billing.ledger.api_urls")),
    path("", include("billing.payments.api_urls")),
    path("", include("billing.invoices.api_urls")),
    path("", include("billing.payouts.api_urls")),
    path("", include("billing.vouchers.api_urls")),
    path("", include("bookings.board.api_urls")),
    path("", include("bookings.foresight.api_urls")),
    path("", include("bookings.series.api_urls")),
    path("", include("bookings.waitlist.api_urls")),
]
"""Below /api/v1/; what is asked most comes first."""

urlpatterns = [
    path("api/v1/", include(ENDPOINTS)),
    path("", include("web.urls")),
    path("", discovery.home, name="home"),
    path("", include("bookings.discovery.urls")),
    path("", include("bookings.publishing.urls")),
    path("", include("bookings.rentals.urls")),
    path("", include("bookings.series.urls")),
    path("", include("bookings.waitlist.urls")),
    path("desk/", include("bookings.board.urls")),
    path("desk/", include("bookings.use.urls")),
    path("desk/", include("bookings.foresight.urls")),
    path("desk/", include("bookings.tasks.urls")),
    path("desk/", include("bookings.staffing.urls")),
    path("desk/", include("labs.hours.urls")),
    path("desk/", include("labs.exchange.urls")),
    path("desk/", include("labs.tariffs.urls")),
    path("desk/", include("labs.expiries.urls")),
    path("", include("labs.calibration.urls")),
    path("", include("labs.desk.urls")),
    path("ops/ledger/", include("billing.ledger.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("billing.bills.urls")),
    path("", include("billing.payments.urls")),
    path("", include("billing.invoices.urls")),
    path("", include("billing.payouts.urls")),
    path("", include("billing.vouchers.urls")),
    path("", include("bookings.calendars.urls")),
    path("", include("notices.urls")),
    path("", include("portal.urls")),
    path("admin/", admin.site.urls),
]
