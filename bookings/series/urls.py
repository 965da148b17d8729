"""Pages of series: the customer's, and the lab's."""

from django.urls import path

from bookings.series.views import changing, desk, making, one

app_name = "series"
urlpatterns = [
    path("my/series/", one.listed, name="list"),
    path("my/series/new/", making.new, name="new"),
    path("my/series/book/", making.book, name="book"),
    path("my/series/<uuid:uuid>/", one.one, name="one"),
    path("my/series/<uuid:uuid>/confirm/", one.confirm, name="confirm"),
    path("my/series/<uuid:uuid>/cancel/", one.cancel, name="cancel"),
    path("my/series/<uuid:uuid>/move/", changing.move, name="move"),
    path("my/series/<uuid:uuid>/extend/", changing.extend, name="extend"),
    path("desk/series/", desk.listed, name="desk_list"),
    path("desk/series/<uuid:uuid>/", desk.one, name="desk_one"),
    path("desk/series/<uuid:uuid>/approve/", desk.approve, name="desk_approve"),
    path("desk/series/<uuid:uuid>/reject/", desk.reject, name="desk_reject"),
    path("desk/series/<uuid:uuid>/cancel/", desk.cancel, name="desk_cancel"),
]
