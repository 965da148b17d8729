"""Pages of the lab's desk about its things, and the pictures and files they hand out."""

from django.urls import path

from labs.desk.views import abilities, files, histories, instruments, labs, offerings

app_name = "catalogue_desk"
urlpatterns = [
    path("desk/instruments/", instruments.listed, name="instruments"),
    path("desk/instruments/new/", instruments.new, name="new_instrument"),
    path("desk/instruments/<str:code>/", instruments.instrument, name="instrument"),
    path("desk/instruments/<str:code>/edit/", instruments.edit, name="edit_instrument"),
    path("desk/instruments/<str:code>/status/", instruments.status, name="status"),
    path("desk/instruments/<str:code>/rental/", instruments.rental, name="rental"),
    path("desk/instruments/<str:code>/rental/edit/", instruments.edit_rental, name="edit_rental"),
    path("desk/instruments/<str:code>/state/", instruments.set_state, name="set_state"),
    path("desk/instruments/<str:code>/abilities/", abilities.abilities, name="abilities"),
    path("desk/instruments/<str:code>/abilities/edit/", abilities.edit, name="edit_abilities"),
    path("desk/instruments/<str:code>/abilities/check/", abilities.check, name="check_abilities"),
    path("desk/instruments/<str:code>/photos/", files.photos, name="photos"),
    path("desk/instruments/<str:code>/photos/<int:pk>/remove/", files.remove_photo, name="remove_photo"),
    path("desk/instruments/<str:code>/photos/<int:pk>/first/", files.first_photo, name="first_photo"),
    path("desk/instruments/<str:code>/history/", histories.instrument, name="history"),
    path("desk/offerings/", offerings.listed, name="services"),
    path("desk/offerings/new/", offerings.new, name="new_service"),
    path("desk/offerings/<str:code>/", offerings.service, name="service"),
    path("desk/offerings/<str:code>/edit/", offerings.edit, name="edit_service"),
    path("desk/offerings/<str:code>/scope/", offerings.scope, name="service_scope"),
    path("desk/offerings/<str:code>/state/", offerings.set_state, name="service_state"),
    path("desk/offerings/<str:code>/versions/", offerings.versions, name="service_versions"),
    path("desk/offerings/<str:code>/history/", histories.offering, name="service_history"),
    path("desk/lab/", labs.home, name="labs"),
    path("desk/lab/<str:code>/", labs.profile, name="lab"),
    path("desk/lab/<str:code>/edit/", labs.edit, name="edit_lab"),
    path("desk/lab/<str:code>/recognition/", labs.recognition, name="recognition"),
    path("desk/lab/<str:code>/recognition/<str:kind>/new/", labs.add, name="recognise"),
    path("desk/lab/<str:code>/recognition/<str:kind>/<int:pk>/", labs.change, name="change"),
    path("desk/lab/<str:code>/recognition/<str:kind>/<int:pk>/withdraw/", labs.withdraw, name="withdraw"),
    path("desk/lab/<str:code>/accreditations/<int:pk>/scope/", labs.scope, name="scope"),
    path("desk/lab/<str:code>/history/", histories.lab, name="lab_history"),
    path("instruments/<str:code>/photos/<int:pk>/", files.photo, name="photo"),
    path("certificates/<int:pk>/", files.accreditation, name="certificate"),
]
