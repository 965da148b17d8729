"""What a person is told, as a list, and how they want to be mailed."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from kernel.refusals import Refusal
from notices import operations, preferring, queries, stopping
from notices.filters import NoticeFilter
from notices.forms import PreferencesForm
from notices.kinds import STAFF_GROUPS, Group, of_group
from notices.models import Notice, NoticeQuerySet
from web import access
from web.acting import SESSION_KEY
from web.pages import show
from web.requests import PageRequest

PAGE = 30


@access.signed_in
@require_safe
def listed(request: PageRequest) -> HttpResponse:
    """List what the person was told, in all their organisations, filtered as the query says."""
    found = NoticeFilter(request.GET, queryset=_told(request))
    context = {
        "filter": found,
        "page": Paginator(found.qs, PAGE).get_page(request.GET.get("page")),
        "is_filtered": any(request.GET.get(name) for name in found.filters),
        "has_several": len(request.memberships) > 1,
    }
    return show(request, "notices/list.html", context, fragment="results")


@access.signed_in
@require_POST
def follow(request: PageRequest, notice_id: int) -> HttpResponse:
    """Mark a notice as read and lead to its page, acting for the organisation in whose name it was told."""
    notice = _one(request, notice_id)
    operations.mark_read(notices=Notice.objects.filter(pk=notice.pk), now=timezone.now())
    heard_as = next((each for each in request.memberships if each.organisation_id == notice.organisation_id), None)
    if heard_as is not None:
        request.session[SESSION_KEY] = heard_as.pk
    return HttpResponseRedirect(notice.link)


@access.signed_in
@require_POST
def read(request: PageRequest, notice_id: int) -> HttpResponse:
    """Mark one notice as read."""
    notice = _one(request, notice_id)
    operations.mark_read(notices=Notice.objects.filter(pk=notice.pk), now=timezone.now())
    return _back(request)


@access.signed_in
@require_POST
def read_all(request: PageRequest) -> HttpResponse:
    """Mark all that the query finds as read."""
    found = NoticeFilter(request.GET, queryset=_told(request))
    number = operations.mark_read(notices=found.qs, now=timezone.now())
    told = ngettext("{number} notice is marked as read.", "{number} notices are marked as read.", number)
    messages.success(request, told.format(number=number))
    return _back(request)


@access.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: PageRequest) -> HttpResponse:
    """Show and change how the person wants to be mailed."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 -- behind `signed_in`
    data = request.POST if request.method == "POST" else None
    form = PreferencesForm(data, wanted=queries.wanted_by(user), groups=_groups(request))
    if request.method == "POST" and form.is_valid():
        try:
            preferring.choose(user=user, now=timezone.now(), **form.chosen)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your choice is saved."))
            return HttpResponseRedirect(reverse("notices:preferences"))
    status = 422 if form.is_bound else 200
    return show(request, "notices/preferences.html", {"form": form}, status=status)


@csrf_exempt  # a mail program that stops mails by one click knows no form of ours: the signed link is the key
@access.anyone
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether mails of some groups shall stop, and stop them (RFC 8058): by the link in a mail, without log-in."""
    asked = stopping.read(token)
    user = User.objects.filter(pk=asked.user_id).first() if asked else None
    if asked is None or user is None:
        raise Http404
    is_done = request.method == "POST"
    if is_done:
        preferring.stop(user=user, groups=asked.groups, now=timezone.now())
    return show(request, "notices/stop.html", {"groups": asked.groups, "is_done": is_done, "token": token})


def _told(request: PageRequest) -> NoticeQuerySet:
    assert isinstance(request.user, User)  # noqa: S101 -- behind `signed_in`
    return queries.told(request.user, request.memberships)


def _one(request: PageRequest, notice_id: int) -> Notice:
    notice: Any = get_object_or_404(_told(request), pk=notice_id)
    return notice  # type: ignore[no-any-return]  # a notice


def _groups(request: PageRequest) -> list[Group]:
    """Return the groups that may ever concern the person."""
    is_staff = any(each.may_operate_lab or each.is_platform_operator for each in request.memberships)
    return [group for group in Group if of_group(group) and (is_staff or group not in STAFF_GROUPS)]


def _back(request: PageRequest) -> HttpResponse:
    query = request.GET.urlencode()
    return HttpResponseRedirect(reverse("notices:list") + (f"?{query}" if query else ""))
