"""What only the platform's staff decides about money: the rates of VAT."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from billing.models import VatRate


@admin.register(VatRate)
class VatRateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the class takes no parameters when it runs
    """Rates that are added and let end; what has held is never rewritten."""

    list_display = ("category", "taxpayer_type", "rate_bp", "valid_from", "valid_to")
    list_filter = ("category", "taxpayer_type")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("category", "taxpayer_type", "rate_bp", "valid_from") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
