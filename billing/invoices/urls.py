"""Addresses of invoices and documents: a customer's, and those of a lab's desk."""

from django.urls import path

from billing.invoices.views import desk, mine

app_name = "invoices"
urlpatterns = [
    path("my/invoices/", mine.mine, name="mine"),
    path("my/invoices/ask/<str:order_number>/", mine.ask, name="ask"),
    path("my/invoices/<int:pk>/", mine.invoice, name="invoice"),
    path("my/invoices/<int:pk>/withdraw/", mine.withdraw, name="withdraw"),
    path("my/invoices/<int:pk>/file/", mine.file, name="file"),
    path("my/invoices/credit-notes/<int:pk>/file/", mine.note_file, name="note-file"),
    path("my/documents/receipts/<str:order_number>/", mine.receipt, name="receipt"),
    path("my/documents/statements/<str:number>/", mine.statement, name="statement"),
    path("my/documents/<str:number>/", mine.document, name="document"),
    path("desk/invoices/", desk.invoices, name="desk"),
    path("desk/invoices/<int:pk>/", desk.invoice, name="desk-invoice"),
    path("desk/invoices/<int:pk>/issue/", desk.issue, name="issue"),
    path("desk/invoices/<int:pk>/reject/", desk.reject, name="reject"),
    path("desk/invoices/<int:pk>/item/", desk.name_item, name="item"),
    path("desk/invoices/<int:pk>/credit/", desk.credit, name="credit"),
    path("desk/invoices/<int:pk>/file/", desk.file, name="desk-file"),
    path("desk/invoices/credit-notes/<int:pk>/", desk.note, name="note"),
    path("desk/invoices/credit-notes/<int:pk>/confirm/", desk.confirm, name="confirm"),
    path("desk/invoices/credit-notes/<int:pk>/write/", desk.write, name="write"),
    path("desk/invoices/credit-notes/<int:pk>/drop/", desk.drop, name="drop"),
    path("desk/invoices/credit-notes/<int:pk>/file/", desk.note_file, name="desk-note-file"),
    path("desk/documents/settlement/<str:order_number>/", desk.settlement, name="settlement"),
]
