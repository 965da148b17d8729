"""What an instrument measures: parameters and capabilities, with a look at how they were understood."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.refusals import Refusal
from labs.capabilities import operations
from labs.capabilities.models import Capability
from labs.catalogue.editing import changes
from labs.catalogue.models import Instrument, Parameter
from labs.desk import understanding
from labs.desk.forms import abilities as forms
from labs.desk.forms.editing import Both, with_a_row_more
from labs.desk.views.instruments import ours
from web import access
from web.pages import show
from web.requests import MemberRequest

PARAMETERS, CAPABILITIES = "parameters", "capabilities"
UNITS = ("mm", "µm", "kN", "N", "N·m", "MPa", "℃", "%RH", "V", "A", "Ω", "Hz", "GHz", "kg", "mg/L", "%")


@access.lab_staff
@require_safe
def abilities(request: MemberRequest, code: str) -> HttpResponse:
    """Show what an instrument measures, as rows to whoever may change them."""
    found = ours(request, code)
    seen = changes.mark(operations.said(found))
    return _show(request, found, forms.AbilitiesForm(initial={"seen": seen}), *_rows(found))


def _rows(found: Instrument) -> tuple[Any, Any]:
    capabilities = list(Capability.objects.filter(instrument=found).select_related("parameter").order_by("pk"))
    parameters = list(Parameter.objects.filter(instrument=found).order_by("position", "pk"))
    return (
        forms.ParameterRows(initial=forms.parameter_initial(parameters), prefix=PARAMETERS),
        forms.CapabilityRows(initial=forms.capability_initial(capabilities), prefix=CAPABILITIES),
    )


def _sent(data: Any) -> tuple[Any, Any]:
    return forms.ParameterRows(data, prefix=PARAMETERS), forms.CapabilityRows(data, prefix=CAPABILITIES)


@access.lab_manager
@require_POST
def edit(request: MemberRequest, code: str) -> HttpResponse:
    """Write the parameters and capabilities of an instrument, or add an empty row to write in."""
    found = ours(request, code)
    for prefix in (PARAMETERS, CAPABILITIES):
        if request.POST.get("another") == prefix:
            data = with_a_row_more(request.POST, prefix, forms.MOST_ROWS)
            return _show(request, found, forms.AbilitiesForm(data), *_sent(data))
    form = forms.AbilitiesForm(request.POST)
    parameters, capabilities = _sent(request.POST)
    clash: list[Both] = []
    if form.is_valid() and parameters.is_valid() and capabilities.is_valid():
        stated = forms.matched(parameters, capabilities)
        if capabilities.is_valid() and not any(row.errors for row in capabilities):
            try:
                operations.set_abilities(
                    instrument=found,
                    parameters=[row.cleaned_data for row in parameters.kept()],
                    capabilities=stated,
                    seen=form.cleaned_data["seen"],
                    by=request.member,
                    now=timezone.now(),
                )
            except changes.EditedMeanwhile as refusal:
                now_there = operations.said(found)
                lines = [("\n".join(now_there[each]), each) for each in (PARAMETERS, CAPABILITIES)]
                clash = [Both(_label(name), text, _("as written below")) for text, name in lines]
                form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
                form.data["seen"] = changes.mark(now_there)  # type: ignore[index]  # likewise
                form.add_error(None, str(refusal))
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("catalogue_desk:abilities", args=[code]))
    return _show(request, found, form, parameters, capabilities, clash=clash, status=422)


def _label(name: str) -> str:
    return {PARAMETERS: _("Parameters"), CAPABILITIES: _("Capabilities")}[name]


@access.lab_manager
@require_POST
def check(request: MemberRequest, code: str) -> HttpResponse:
    """Say how the rows were understood as they are written so far; nothing is kept."""
    found = ours(request, code)
    parameters, capabilities = _sent(request.POST)
    return _show(request, found, forms.AbilitiesForm(request.POST), parameters, capabilities, fragment="understood")


def understood(capabilities: Any) -> list[dict[str, Any]]:
    """Return, row by row, how it was understood or why not; rows left empty say nothing."""
    said = []
    for number, form in enumerate(capabilities.forms, 1):
        shown = form if form.is_bound else forms.CapabilityRow(_as_sent(form))
        if not (shown.has_changed() if form.is_bound else form.initial):
            continue
        shown.is_valid()
        capable = getattr(shown, "understood", None)
        errors = [str(error) for errors in shown.errors.values() for error in errors]
        said.append({"number": number, "told": understanding.told(capable) if capable else None, "errors": errors})
    return said


def _as_sent(form: Any) -> dict[str, Any]:
    return {name: "" if value is None else str(value) for name, value in form.initial.items()}


def _show(
    request: MemberRequest,
    found: Instrument,
    form: Any,
    parameters: Any,
    capabilities: Any,
    *,
    clash: Any = (),
    fragment: str = "writing",
    status: int = 200,
) -> HttpResponse:
    context = {
        "instrument": found,
        "form": form,
        "parameters": parameters,
        "capabilities": capabilities,
        "understood": understood(capabilities),
        "clash": clash,
        "units": UNITS,
        "tab": "abilities",
    }
    return show(request, "labs/desk/abilities.html", context, fragment=fragment, status=status)
