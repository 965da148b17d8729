# mypy: disable-error-code="type-arg"
# Django's admin classes take no parameters when the program runs.
"""The catalogue's reference tables, for the platform's staff: places, recognition, and what offerings said when."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from labs.catalogue.models import (
    Accreditation,
    Cluster,
    Honour,
    MeasurementStandard,
    OfferingVersion,
    ScopeEntry,
    Zone,
)


class PlaceAdmin(admin.ModelAdmin):
    list_display = ("code", "name_zh", "name_en")
    search_fields = ("code", "name_zh", "name_en")


admin.site.register(Zone, PlaceAdmin)
admin.site.register(Cluster, PlaceAdmin)


class ScopeEntryInline(admin.TabularInline):
    model = ScopeEntry
    extra = 0
    autocomplete_fields = ("standard",)


@admin.register(Accreditation)
class AccreditationAdmin(admin.ModelAdmin):
    """Certificates come in through the lab's desk, which looks at what they are."""

    list_display = ("number", "kind", "lab", "valid_from", "valid_to")
    list_filter = ("kind",)
    list_select_related = ("lab",)
    date_hierarchy = "valid_to"
    search_fields = ("number", "lab__code", "lab__name_zh")
    autocomplete_fields = ("lab",)
    exclude = ("certificate",)
    inlines = (ScopeEntryInline,)


@admin.register(ScopeEntry)
class ScopeEntryAdmin(admin.ModelAdmin):
    list_display = ("object_zh", "parameter_zh", "standard", "accreditation", "valid_from", "valid_to")
    list_filter = ("accreditation__kind",)
    list_select_related = ("accreditation", "standard")
    search_fields = ("object_zh", "parameter_zh", "parameter_en", "standard__number", "accreditation__number")
    autocomplete_fields = ("accreditation", "standard")


@admin.register(MeasurementStandard)
class MeasurementStandardAdmin(admin.ModelAdmin):
    list_display = ("certificate_no", "name_zh", "lab", "discipline_code", "range_text", "uncertainty_text", "valid_to")
    list_filter = ("discipline_code",)
    list_select_related = ("lab",)
    date_hierarchy = "valid_to"
    search_fields = ("certificate_no", "name_zh", "name_en", "lab__name_zh")
    autocomplete_fields = ("lab",)


@admin.register(Honour)
class HonourAdmin(admin.ModelAdmin):
    list_display = ("name_zh", "kind", "lab", "granted_on", "valid_to")
    list_filter = ("kind",)
    list_select_related = ("lab",)
    search_fields = ("name_zh", "name_en", "lab__name_zh")
    autocomplete_fields = ("lab",)


@admin.register(OfferingVersion)
class OfferingVersionAdmin(admin.ModelAdmin):
    """What offerings said when they were published; read, and never written here."""

    list_display = ("offering", "version", "state", "published_at", "published_by")
    list_filter = ("state",)
    list_select_related = ("offering", "published_by")
    date_hierarchy = "published_at"
    search_fields = ("offering__code", "offering__name_zh")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
