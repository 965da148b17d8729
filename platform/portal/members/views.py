"""Who belongs to the organisation, and who is asked to."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.invitations import operations as invitations
from accounts.invitations import queries as invited
from accounts.memberships import operations as memberships
from accounts.memberships import rules
from accounts.models import Invitation, Membership, User
from kernel.refusals import Refusal
from portal.members.forms import InviteForm, RoleForm
from web import access, tables
from web.acting import SESSION_KEY
from web.pages import show
from web.requests import MemberRequest


def _roles(request: MemberRequest) -> list[str]:
    return rules.roles_of(request.member.organisation.roles)


def _members(request: MemberRequest, form: InviteForm, status: int = 200) -> HttpResponse:
    member = request.member
    people = Membership.objects.visible_to(member).active().select_related("user").order_by("created_at", "pk")
    if tables.asked_for(request.GET.get("format")):
        rows = [(str(each.user), each.user.email, each.get_role_display(), each.created_at) for each in people]
        columns = [_("Name"), _("E-mail address"), _("Role"), _("Since")]
        return tables.answer(request.GET["format"], name=_("Members"), columns=columns, rows=rows)
    waiting = Invitation.objects.visible_to(member).pending().order_by("-created_at", "-pk")
    context = {
        "people": people,
        "waiting": waiting if member.may_manage_organisation else Invitation.objects.none(),
        "roles": [(role, Membership.Role(role).label) for role in _roles(request)],
        "form": form,
        "now": timezone.now(),
        "organisation": member.organisation,
        "tab": "members",
    }
    return show(request, "portal/members/members.html", context, status=status)


@access.member
@require_safe
def members(request: MemberRequest) -> HttpResponse:
    """Show who belongs to the organisation; owners also see who is asked to."""
    return _members(request, InviteForm(roles=_roles(request), initial={"role": rules.BUYER}))


@access.organisation_owner
@require_POST
def invite(request: MemberRequest) -> HttpResponse:
    """Ask someone to join."""
    form = InviteForm(request.POST, roles=_roles(request))
    if form.is_valid():
        try:
            sent = invitations.invite(by=request.member, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, _("An invitation goes to {email}.").format(email=sent.email))
            return HttpResponseRedirect(reverse("portal:members"))
    return _members(request, form, status=422)


@access.organisation_owner
@require_POST
def change_role(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a member another role."""
    membership = get_object_or_404(Membership.objects.visible_to(request.member), pk=pk)
    form = RoleForm(request.POST, roles=_roles(request))
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(reverse("portal:members"))

    def act() -> str:
        changed = memberships.change_role(
            membership=membership, role=form.cleaned_data["role"], by=request.member, now=timezone.now()
        )
        return _("{person} is now: {role}.").format(person=changed.user, role=changed.get_role_display())

    return _done(request, act)


@access.organisation_owner
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether to remove a member, and do it."""
    people = Membership.objects.visible_to(request.member).active().select_related("user", "organisation")
    membership = get_object_or_404(people, pk=pk)
    if request.method != "POST":
        context = {"membership": membership, "organisation": request.member.organisation, "tab": "members"}
        return show(request, "portal/members/remove.html", context)

    def act() -> str:
        memberships.remove(membership=membership, by=request.member, now=timezone.now())
        return _("{person} no longer belongs to {organisation}.").format(
            person=membership.user, organisation=membership.organisation.name
        )

    return _done(request, act)


@access.member
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: MemberRequest) -> HttpResponse:
    """Ask whether to leave the organisation, and do it."""
    member = request.member
    if request.method != "POST":
        context = {"membership": member, "organisation": member.organisation, "tab": "members"}
        return show(request, "portal/members/leave.html", context)
    try:
        memberships.remove(membership=member, by=member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("portal:members"))
    request.session.pop(SESSION_KEY, None)
    messages.success(request, _("You have left {organisation}.").format(organisation=member.organisation.name))
    return HttpResponseRedirect("/")


def _done(request: MemberRequest, act: Callable[[], str]) -> HttpResponse:
    """Do it, say how it went, and come back to the members."""
    try:
        messages.success(request, act())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("portal:members"))


# --- Invitations ----------------------------------------------------------------------------------------------------


@access.organisation_owner
@require_POST
def resend(request: MemberRequest, pk: int) -> HttpResponse:
    """Send an invitation again."""
    invitation = get_object_or_404(Invitation.objects.visible_to(request.member), pk=pk)

    def act() -> str:
        invitations.renew(invitation=invitation, by=request.member, now=timezone.now())
        return _("The invitation goes to {email} again; the earlier link no longer works.").format(
            email=invitation.email
        )

    return _done(request, act)


@access.organisation_owner
@require_POST
def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(Invitation.objects.visible_to(request.member), pk=pk)

    def act() -> str:
        invitations.revoke(invitation=invitation, by=request.member, now=timezone.now())
        return _("The invitation of {email} is taken back.").format(email=invitation.email)

    return _done(request, act)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 -- behind `signed_in`
    return request.user


@access.signed_in
@require_safe
def my_invitations(request: HttpRequest) -> HttpResponse:
    """Show a person the organisations that ask them to join."""
    waiting = invited.open_for(_person(request), timezone.now())
    return show(request, "portal/members/invitations.html", {"waiting": waiting})


@access.signed_in
@never_cache
@require_safe
def invitation(request: HttpRequest, text: str) -> HttpResponse:
    """Show what a link from a mail invites to."""
    found = invited.of_link(text)
    if found is None:
        raise Http404
    context = {
        "invitation": found,
        "is_mine": invitations.is_for(found, _person(request)),
        "is_open": found.accepted_at is None and found.revoked_at is None and found.expires_at > timezone.now(),
    }
    return show(request, "portal/members/invitation.html", context)


@access.signed_in
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Join the organisation that asked, and act for it from now on."""
    person = _person(request)
    found = get_object_or_404(Invitation.objects.filter(email__in=invited.addresses_of(person)), pk=pk)
    try:
        membership = invitations.accept(invitation=found, by=person, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("portal:invitations"))
    request.session[SESSION_KEY] = membership.pk
    said = _("Welcome. You now act for {organisation}.")
    messages.success(request, said.format(organisation=membership.organisation.name))
    return HttpResponseRedirect(reverse("portal:organisation"))
