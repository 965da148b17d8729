"""What programs read: open data, sitemap, robots."""

from django.urls import path, register_converter

from bookings.publishing import views
from bookings.publishing.rules import TABLES
from bookings.publishing.sitemaps import SECTIONS


class OneOf:
    """A path segment that is one of some words."""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Table(OneOf):
    regex = "|".join(TABLES)


class Section(OneOf):
    regex = "|".join(SECTIONS)


register_converter(Table, "open_table")
register_converter(Section, "sitemap_section")

app_name = "publishing"
urlpatterns = [
    path("open-data/", views.open_data, name="open_data"),
    path("open-data/catalogue.json", views.catalogue, name="catalogue"),
    path("open-data/schema.json", views.schema, name="schema"),
    path("open-data/<open_table:table>.csv", views.table, name="table"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap_index, name="sitemap_index"),
    path("sitemaps/<sitemap_section:section>-<int:number>.xml", views.sitemap, name="sitemap"),
]
