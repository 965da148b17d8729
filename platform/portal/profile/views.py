"""A person's own profile."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.people import operations
from kernel.refusals import Refusal
from portal.profile.forms import ProfileForm
from web import access
from web.pages import show


@access.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change one's name, language and time zone."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 -- behind `signed_in`
    if request.method != "POST":
        initial = {"name": user.name, "language": user.language, "timezone": user.timezone}
        form = ProfileForm(initial=initial, current=user.timezone)
        return show(request, "portal/profile.html", {"form": form})
    form = ProfileForm(request.POST, current=user.timezone)
    if form.is_valid():
        try:
            operations.edit_profile(user=user, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            with translation.override(user.language):
                messages.success(request, _("Your profile is saved."))
            response = HttpResponseRedirect(reverse("portal:profile"))
            response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
            return response
    return show(request, "portal/profile.html", {"form": form}, status=422)
