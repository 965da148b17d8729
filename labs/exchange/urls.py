"""Pages of the workbook at the desk."""

from django.urls import path

from labs.exchange import views

app_name = "exchange"
urlpatterns = [
    path("exchange/", views.home, name="home"),
    path("exchange/<int:pk>/", views.workbook, name="workbook"),
    path("exchange/<int:pk>/discard/", views.discard, name="discard"),
    path("lab/<str:code>/exchange/", views.lab, name="lab"),
    path("lab/<str:code>/exchange/send/", views.send, name="send"),
    path("lab/<str:code>/exchange/workbook.xlsx", views.export, name="export"),
]
