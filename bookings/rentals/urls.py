"""Pages of a customer's rentals."""

from django.urls import path

from bookings.rentals.views import ahead, calendar, holding, moving, one, papers, paying, rebooking, using

app_name = "rentals"
urlpatterns = [
    path("instruments/<str:code>/hold/", holding.hold, name="hold"),
    path("my/", ahead.my, name="my"),
    path("my/calendar/", calendar.calendar, name="calendar"),
    path("my/calendar/events/", calendar.events, name="calendar_events"),
    path("my/rentals/", ahead.rentals, name="rentals"),
    path("my/rentals/<str:number>/", one.rental, name="rental"),
    path("my/rentals/<str:number>/confirm/", one.confirm, name="confirm"),
    path("my/rentals/<str:number>/transfer/", one.transfer, name="transfer"),
    path("my/rentals/<str:number>/balance/", paying.from_balance, name="from_balance"),
    path("my/rentals/<str:number>/voucher/", paying.use_voucher, name="use_voucher"),
    path("my/rentals/<str:number>/voucher/drop/", paying.without_voucher, name="without_voucher"),
    path("my/rentals/<str:number>/quote/", papers.quote, name="quote"),
    path("my/rentals/<str:number>/submit/", one.submit, name="submit"),
    path("my/rentals/<str:number>/cancel/", one.cancel, name="cancel"),
    path("my/rentals/<str:number>/move/", moving.move, name="move"),
    path("my/rentals/<str:number>/move/accept/", moving.accept, name="accept"),
    path("my/rentals/<str:number>/move/decline/", moving.decline, name="decline"),
    path("my/rentals/<str:number>/hand-over/", moving.hand_over, name="hand_over"),
    path("my/rentals/<str:number>/extend/", using.extend, name="extend"),
    path("my/rentals/<str:number>/resume/", using.resume, name="resume"),
    path("my/rentals/<str:number>/rebook/", rebooking.rebook, name="rebook"),
    path("my/rentals/<str:number>/abandon/", using.abandon, name="abandon"),
    path("my/rentals/<str:number>/unusable/", using.unusable, name="unusable"),
    path("my/rentals/<str:number>/settle/", using.settle, name="settle"),
]
