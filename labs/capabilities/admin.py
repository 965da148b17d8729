# mypy: disable-error-code="type-arg"
# Django's admin classes take no parameters when the program runs.
"""Capabilities, for the platform's staff."""

from typing import Any

from django import forms
from django.contrib import admin

from kernel.refusals import Refusal
from labs.capabilities.models import Capability


class CapabilityForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                Capability(**{name: data[name] for name in data if name not in {"id", "DELETE"}}).work_out()
            except Refusal as refusal:
                self.add_error(None, str(refusal))
        return data


@admin.register(Capability)
class CapabilityAdmin(admin.ModelAdmin):
    form = CapabilityForm
    list_display = ("instrument", "quantity", "stated_low", "stated_high", "unit", "uncertainty", "si_range")
    list_filter = ("quantity",)
    list_select_related = ("instrument", "parameter")
    search_fields = ("instrument__code", "instrument__name_zh", "quantity")
    autocomplete_fields = ("instrument",)
    raw_id_fields = ("parameter",)
