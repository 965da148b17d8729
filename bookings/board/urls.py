"""Pages of the lab's desk."""

from django.urls import path

from bookings.board import views

app_name = "board"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("board/", views.board, name="board"),
    path("board/events/", views.events, name="events"),
    path("board/take-out/", views.take_out, name="take_out"),
    path("approvals/", views.approvals, name="approvals"),
    path("approvals/answer/", views.answer, name="answer"),
    path("rentals/", views.listed, name="rentals"),
    path("rentals/<str:number>/", views.booking, name="booking"),
    path("rentals/<str:number>/move/", views.move, name="move"),
    path("rentals/<str:number>/approve/", views.approve, name="approve"),
    path("rentals/<str:number>/reject/", views.reject, name="reject"),
    path("rentals/<str:number>/cancel/", views.cancel, name="cancel"),
]
