"""Endpoints of rentals and free time, below /api/v1/."""

from django.urls import path

from bookings.availability import api as availability
from bookings.rentals.api import customer, desk, listing, paying

app_name = "rentals-api"
urlpatterns = [
    path("instruments/<str:code>/availability/", availability.Availability.as_view(), name="availability"),
    path("instruments/<str:code>/price/", availability.PriceOfUse.as_view(), name="price"),
    path("rentals/", listing.Rentals.as_view(), name="rentals"),
    path("rentals/<str:number>/", listing.OneRental.as_view(), name="rental"),
    path("rentals/<str:number>/comparable/", listing.Comparable.as_view(), name="comparable"),
    path("rentals/<str:number>/confirm/", customer.Confirm.as_view(), name="confirm"),
    path("rentals/<str:number>/submit/", customer.Submit.as_view(), name="submit"),
    path("rentals/<str:number>/await-payment/", customer.AwaitPayment.as_view(), name="await-payment"),
    path("rentals/<str:number>/checkout/", customer.StartCheckout.as_view(), name="checkout"),
    path("rentals/<str:number>/pay-from-balance/", paying.PayFromBalance.as_view(), name="pay-from-balance"),
    path("rentals/<str:number>/vouchers/", paying.Vouchers.as_view(), name="vouchers"),
    path("rentals/<str:number>/use-voucher/", paying.UseVoucher.as_view(), name="use-voucher"),
    path("rentals/<str:number>/do-without-voucher/", paying.DoWithoutVoucher.as_view(), name="do-without-voucher"),
    path("rentals/<str:number>/cancel/", customer.Cancel.as_view(), name="cancel"),
    path("rentals/<str:number>/reschedule/", customer.Reschedule.as_view(), name="reschedule"),
    path("rentals/<str:number>/accept-move/", customer.AcceptMove.as_view(), name="accept-move"),
    path("rentals/<str:number>/decline-move/", customer.DeclineMove.as_view(), name="decline-move"),
    path("rentals/<str:number>/hand-over/", customer.HandOver.as_view(), name="hand-over"),
    path("rentals/<str:number>/extend/", customer.Extend.as_view(), name="extend"),
    path("rentals/<str:number>/resume/", customer.Resume.as_view(), name="resume"),
    path("rentals/<str:number>/rebook/", customer.Rebook.as_view(), name="rebook"),
    path("rentals/<str:number>/abandon/", customer.Abandon.as_view(), name="abandon"),
    path("rentals/<str:number>/declare-unusable/", customer.DeclareUnusable.as_view(), name="declare-unusable"),
    path("rentals/<str:number>/settle/", customer.Settle.as_view(), name="settle"),
    path("desk/rentals/", listing.DeskRentals.as_view(), name="desk-rentals"),
    path("desk/rentals/<str:number>/", listing.DeskRental.as_view(), name="desk-rental"),
    path("desk/rentals/<str:number>/approve/", desk.Approve.as_view(), name="approve"),
    path("desk/rentals/<str:number>/reject/", desk.Reject.as_view(), name="reject"),
    path("desk/rentals/<str:number>/cancel/", desk.CancelByLab.as_view(), name="cancel-by-lab"),
    path("desk/rentals/<str:number>/reschedule/", desk.RescheduleByLab.as_view(), name="reschedule-by-lab"),
    path("desk/rentals/<str:number>/check-in/", desk.CheckIn.as_view(), name="check-in"),
    path("desk/rentals/<str:number>/check-out/", desk.CheckOut.as_view(), name="check-out"),
    path("desk/rentals/<str:number>/extend/", desk.ExtendByLab.as_view(), name="extend-by-lab"),
    path("desk/rentals/<str:number>/interrupt/", desk.Interrupt.as_view(), name="interrupt"),
    path("desk/rentals/<str:number>/resume/", desk.ResumeByLab.as_view(), name="resume-by-lab"),
    path("desk/rentals/<str:number>/object/", desk.ObjectToUnusable.as_view(), name="object"),
]
