"""Endpoints of the lab's board, below /api/v1/."""

from django.urls import path

from bookings.board import api

app_name = "board-api"
urlpatterns = [path("desk/board/", api.Board.as_view(), name="board")]
