"""Lists in pages that stay put: every list is in an order that ends in a unique column."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


class Pages(PageNumberPagination):
    """`?page=2&page_size=50`; at most 200 rows a page."""

    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """
        Return the rows of the page asked for.

        Raises:
            ImproperlyConfigured: the list is in no order, so that rows could appear twice or never.
        """
        if getattr(queryset, "ordered", True) is False:
            raise ImproperlyConfigured("a list without an order cannot be shown in pages")
        return super().paginate_queryset(queryset, request, view)
