"""Which notices are shown, the same for the page and for programs."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from notices.kinds import Group
from notices.models import Notice, NoticeQuerySet

UNREAD, READ = "unread", "read"


class NoticeFilter(django_filters.FilterSet):
    """Notices by whether they were read, and by group."""

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=[(UNREAD, _("Unread")), (READ, _("Read"))], method="in_state", empty_label=_("All")
    )
    group = django_filters.ChoiceFilter(
        label=_("About"), choices=Group.choices, method="about", empty_label=_("All subjects")
    )

    class Meta:
        model = Notice
        fields: tuple[str, ...] = ()

    def in_state(self, queryset: NoticeQuerySet, name: str, value: Any) -> NoticeQuerySet:
        """Those unread, or those read."""
        del name
        return queryset.filter(read_at__isnull=value == UNREAD)

    def about(self, queryset: NoticeQuerySet, name: str, value: Any) -> NoticeQuerySet:
        """Those of a group."""
        del name
        return queryset.of_group(value)
