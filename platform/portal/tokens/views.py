"""A member's API tokens."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import ApiToken
from accounts.tokens import operations
from kernel.refusals import Refusal
from portal.tokens.forms import TokenForm
from web import access
from web.pages import show
from web.requests import MemberRequest


def _tokens(request: MemberRequest, form: TokenForm, status: int = 200, text: str = "") -> HttpResponse:
    context = {
        "tokens": ApiToken.objects.visible_to(request.member).order_by("-created_at", "-pk"),
        "form": form,
        "text": text,
        "now": timezone.now(),
    }
    return show(request, "portal/tokens/tokens.html", context, status=status)


@access.member
@never_cache
@require_safe
def tokens(request: MemberRequest) -> HttpResponse:
    """Show the member's own tokens for the organisation acted for."""
    return _tokens(request, TokenForm(initial={"scopes": ["catalogue:read", "rentals:read"], "days": "90"}))


@access.member
@never_cache
@require_POST
def create(request: MemberRequest) -> HttpResponse:
    """Make a token and show its text: in this answer, and never again."""
    form = TokenForm(request.POST)
    now = timezone.now()
    if form.is_valid():
        days = form.cleaned_data["days"]
        try:
            _token, text = operations.create(
                by=request.member,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=now + timedelta(days=int(days)) if days else None,
                now=now,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _tokens(request, TokenForm(initial={"days": "90"}), status=201, text=text)
    return _tokens(request, form, status=422)


@access.member
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether to end a token, and do it."""
    token = get_object_or_404(ApiToken.objects.visible_to(request.member), pk=pk)
    if request.method != "POST":
        return show(request, "portal/tokens/revoke.html", {"token": token})
    try:
        operations.revoke(token=token, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The token “{name}” no longer works.").format(name=token.name))
    return HttpResponseRedirect(reverse("portal:tokens"))
