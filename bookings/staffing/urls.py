"""Pages of the lab's people at the desk."""

from django.urls import path

from bookings.staffing.views import groups, operators, users, working

app_name = "people"
urlpatterns = [
    path("people/", operators.listed, name="list"),
    path("people/new/", operators.add, name="add"),
    path("people/users/", users.listed, name="users"),
    path("people/users/qualify/", users.qualify, name="qualify_user"),
    path("people/users/<int:pk>/withdraw/", users.withdraw, name="withdraw"),
    path("people/groups/", groups.listed, name="groups"),
    path("people/groups/<str:code>/new/", groups.add, name="add_group"),
    path("people/groups/<str:code>/", groups.change, name="group"),
    path("people/groups/<str:code>/remove/", groups.remove, name="remove_group"),
    path("people/<int:pk>/", operators.one, name="one"),
    path("people/<int:pk>/edit/", operators.edit, name="edit"),
    path("people/<int:pk>/history/", operators.history, name="history"),
    path("people/<int:pk>/hours/", working.hours, name="hours"),
    path("people/<int:pk>/leave/", working.leave, name="leave"),
    path("people/<int:pk>/qualify/", operators.qualify, name="qualify"),
    path("people/leaves/<int:pk>/take-back/", working.take_back, name="take_back"),
    path("people/qualifications/<int:pk>/remove/", operators.unqualify, name="unqualify"),
]
