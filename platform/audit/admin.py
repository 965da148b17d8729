"""The audit, to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the class takes no parameters when it runs
    """What happened, newest first; nobody changes it, here or anywhere."""

    list_display = ("occurred_at", "name", "actor", "organisation", "reason")
    list_filter = ("name",)
    list_select_related = ("actor", "organisation")
    search_fields = ("name", "reason", "actor__email", "organisation__code")
    date_hierarchy = "occurred_at"
    ordering = ("-occurred_at", "-pk")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
