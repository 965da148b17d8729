"""What a price list would earn: asked before it is published."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing.pricing.wording import band_name, kind_name
from bookings.foresight.queries.earning import last_month_under
from bookings.foresight.rules.earning import Comparison, Sum
from labs.models import Instrument
from labs.tariffs import forms as tariffs
from labs.tariffs import views as tariff_pages
from labs.tariffs.wording import percent
from web import access
from web.pages import asks_for_a_part, show
from web.requests import MemberRequest


@access.lab_manager
@require_POST
def last_month(request: MemberRequest, code: str) -> HttpResponse:
    """Show what the last calendar month would have earned under the price list as it is written so far."""
    mine = Instrument.objects.operated_by(request.member).select_related("lab")
    instrument = get_object_or_404(mine, code=code)
    form = tariffs.TariffForm(request.POST, zone=instrument.lab.tz)
    rows = tariffs.BandFormSet(request.POST, prefix=tariff_pages.BANDS)
    is_right = form.is_valid() and rows.is_valid()
    context = {
        "instrument": instrument,
        "zone": instrument.lab.tz,
        "form": form,
        "rows": rows,
        "picture": tariff_pages.sketch(form, rows),
        "paint": tariff_pages.next_paint(rows),
        "is_right": is_right,
        "tab": "tariff",
    }
    if is_right:
        terms = tariffs.draft(form, rows)
        month, comparison = last_month_under(instrument, terms, timezone.now())
        context |= {
            "month": month,
            "comparison": comparison,
            "change": _change(comparison),
            "lines": [(_name(line), line) for line in comparison.sums],
        }
    if asks_for_a_part(request):
        return show(request, "bookings/foresight/last_month.html", context)
    return show(request, "bookings/foresight/last_month_page.html", context, status=200 if is_right else 422)


def _name(line: Sum) -> str:
    if line.kind == "usage":
        return _("Use, {band}").format(band=band_name(line.band, line.band_zh))
    return kind_name(line.kind)


def _change(comparison: Comparison) -> str:
    """Return the change in percent, with its sign."""
    if comparison.change_bp is None:
        return ""
    return ("+" if comparison.change_bp > 0 else "") + percent(comparison.change_bp)
