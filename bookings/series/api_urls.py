"""Endpoints of series, below /api/v1/."""

from django.urls import path

from bookings.series import api

app_name = "series-api"
urlpatterns = [
    path("series/", api.AllSeries.as_view(), name="all"),
    path("series/preview/", api.PreviewOfSeries.as_view(), name="preview"),
    path("series/<uuid:uuid>/", api.OneSeries.as_view(), name="one"),
    path("series/<uuid:uuid>/confirm/", api.Confirm.as_view(), name="confirm"),
    path("series/<uuid:uuid>/fees/", api.Fees.as_view(), name="fees"),
    path("series/<uuid:uuid>/cancel/", api.Cancel.as_view(), name="cancel"),
    path("series/<uuid:uuid>/move/", api.Move.as_view(), name="move"),
    path("series/<uuid:uuid>/move/preview/", api.PreviewOfMove.as_view(), name="move-preview"),
    path("series/<uuid:uuid>/extend/", api.Extend.as_view(), name="extend"),
    path("series/<uuid:uuid>/extend/preview/", api.PreviewOfExtension.as_view(), name="extend-preview"),
    path("desk/series/", api.DeskSeries.as_view(), name="desk"),
    path("desk/series/<uuid:uuid>/", api.OneAtDesk.as_view(), name="desk-one"),
    path("desk/series/<uuid:uuid>/approve/", api.Approve.as_view(), name="approve"),
    path("desk/series/<uuid:uuid>/reject/", api.Reject.as_view(), name="reject"),
    path("desk/series/<uuid:uuid>/cancel/", api.CancelByLab.as_view(), name="cancel-by-lab"),
]
