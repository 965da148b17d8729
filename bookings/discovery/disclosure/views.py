"""Public pages: a lab with all it must disclose, a service, a standard and who can do it."""

from typing import Any

from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.discovery import structured
from bookings.discovery.disclosure import labs, queries
from bookings.discovery.structured import About
from labs.catalogue.rules import standard_key
from labs.models import Lab, Offering, Standard
from web import access
from web.pages import show
from web.requests import PageRequest


@access.anyone
@require_safe
def lab(request: PageRequest, code: str) -> HttpResponse:
    """Show a lab: what it is recognised for and until when, its hours, instruments, services and prices."""
    seen = Lab.objects.visible_to(request.member).select_related("district", "organisation")
    found = get_object_or_404(seen, code=code)
    context = labs.lab_page(
        found,
        member=request.member,
        now=timezone.now(),
        asked=request.GET.get("scope", ""),
        page=request.GET.get("page"),
    )
    path = reverse("discovery:lab", args=[found.code])
    context["about"] = About(
        path=path,
        title=found.name,
        description=found.fields_of_work or str(found.get_lab_type_display()),
        things=[structured.lab(found, path=path, accreditations=context["valid_accreditations"])],
        kind="profile",
    )
    return show(request, "bookings/discovery/lab.html", context, fragment="scope")


@access.anyone
@require_safe
def service(request: PageRequest, code: str) -> HttpResponse:
    """Show a service: by which standards, how to send samples, how fast, at what price, and who vouches for it."""
    seen = Offering.objects.visible_to(request.member).services().select_related("lab__district", "provider")
    found = get_object_or_404(seen, code=code)
    context: dict[str, Any] = queries.service_page(found, now=timezone.now())
    path = reverse("discovery:service", args=[found.code])
    lab_path = reverse("discovery:lab", args=[found.lab.code])
    context["about"] = About(
        path=path,
        title=found.name,
        description=_("{service} at {lab}: {price}.").format(
            service=found.name, lab=found.lab.name, price=context["price"]
        ),
        things=[structured.service(found, path=path, lab_path=lab_path)],
    )
    return show(request, "bookings/discovery/service.html", context)


@access.anyone
@require_safe
def standard(request: PageRequest, key: str) -> HttpResponse:
    """Show a standard and who can do it; however the number is written, it leads to the one address."""
    found = get_object_or_404(Standard.objects.select_related("superseded_by"), number_key=standard_key(key))
    path = reverse("discovery:standard", args=[found.number_key])
    if key != found.number_key:
        return HttpResponsePermanentRedirect(path)
    context = queries.standard_page(found, today=timezone.localdate())
    context["about"] = About(
        path=path,
        title=f"{found.number} {found.title}",
        description=_("{standard}: who can do it, at what price, and whether it is accredited.").format(
            standard=found.number
        ),
    )
    return show(request, "bookings/discovery/standard.html", context)
