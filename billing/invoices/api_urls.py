"""Endpoints of invoices, below /api/v1/."""

from django.urls import path

from billing.invoices import api

app_name = "invoices-api"
urlpatterns = [
    path("invoices/", api.Invoices.as_view(), name="invoices"),
    path("invoices/to-write/", api.ToWrite.as_view(), name="to-write"),
    path("invoices/<int:invoice_id>/", api.OneInvoice.as_view(), name="invoice"),
    path("invoices/<int:invoice_id>/withdraw/", api.Withdraw.as_view(), name="withdraw"),
    path("invoices/<int:invoice_id>/issue/", api.Issue.as_view(), name="issue"),
    path("invoices/<int:invoice_id>/reject/", api.Reject.as_view(), name="reject"),
    path("invoices/<int:invoice_id>/credit/", api.Credit.as_view(), name="credit"),
    path("credit-notes/", api.CreditNotes.as_view(), name="credit-notes"),
    path("credit-notes/<int:note_id>/confirm/", api.Confirm.as_view(), name="confirm"),
    path("credit-notes/<int:note_id>/write/", api.Write.as_view(), name="write"),
]
