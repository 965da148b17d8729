from django.urls import path

from portal.members import views as members
from portal.organisations import views as organisations
from portal.profile import views as profile
from portal.tokens import views as tokens
from portal.verification import views as verification

app_name = "portal"
urlpatterns = [
    path("my/profile/", profile.profile, name="profile"),
    path("my/tokens/", tokens.tokens, name="tokens"),
    path("my/tokens/new/", tokens.create, name="create_token"),
    path("my/tokens/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("organisation/", organisations.organisation, name="organisation"),
    path("organisation/new/", organisations.register, name="register"),
    path("organisation/new/check/", organisations.check, name="check"),
    path("organisation/edit/", organisations.edit, name="edit"),
    path("organisation/taxpayer-type/", organisations.taxpayer_type, name="taxpayer_type"),
    path("organisation/verification/", verification.verification, name="verification"),
    path("organisation/verification/licence/", verification.own_licence, name="own_licence"),
    path("organisation/members/", members.members, name="members"),
    path("organisation/members/invite/", members.invite, name="invite"),
    path("organisation/members/leave/", members.leave, name="leave"),
    path("organisation/members/<int:pk>/role/", members.change_role, name="change_role"),
    path("organisation/members/<int:pk>/remove/", members.remove, name="remove"),
    path("organisation/invitations/<int:pk>/resend/", members.resend, name="resend"),
    path("organisation/invitations/<int:pk>/revoke/", members.revoke, name="revoke"),
    path("invitations/", members.my_invitations, name="invitations"),
    path("invitations/<int:pk>/accept/", members.accept, name="accept"),
    path("invitations/<str:text>/", members.invitation, name="invitation"),
    path("ops/verification/", verification.queue, name="queue"),
    path("ops/verification/<str:code>/", verification.decide, name="decide"),
    path("ops/verification/<str:code>/licence/", verification.licence, name="licence"),
]
