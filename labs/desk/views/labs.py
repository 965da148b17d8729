"""The lab's profile, what it is recognised for, and the scope of its accreditations."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import uploads
from kernel.refusals import Refusal
from labs.catalogue.editing import changes
from labs.catalogue.editing import labs as editing
from labs.catalogue.models import Accreditation, Lab
from labs.desk import queries
from labs.desk.forms import labs as forms
from labs.desk.forms.editing import Both, both, with_a_row_more
from labs.desk.views.instruments import facts, our_labs
from web import access, tables
from web.pages import show
from web.requests import MemberRequest

SCOPE = "scope"


def ours(request: MemberRequest, code: str) -> Lab:
    """Return a lab of the member's organisation, or answer 404."""
    return get_object_or_404(Lab.objects.operated_by(request.member).select_related("district"), code=code)


@access.lab_staff
@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """Lead to the organisation's lab, or list its labs where there are several."""
    labs = our_labs(request)
    if len(labs) == 1:
        return HttpResponseRedirect(reverse("catalogue_desk:lab", args=[labs[0].code]))
    return show(request, "labs/desk/labs.html", {"labs": labs})


@access.lab_staff
@require_safe
def profile(request: MemberRequest, code: str) -> HttpResponse:
    """Show what a lab says of itself, as a form to whoever may change it."""
    return _show_profile(request, ours(request, code))


@access.lab_manager
@require_POST
def edit(request: MemberRequest, code: str) -> HttpResponse:
    """Change what a lab says of itself."""
    found = ours(request, code)
    form = forms.LabForm(request.POST, instance=ours(request, code))
    clash: list[Any] = []
    if form.is_valid():
        try:
            editing.edit_lab(
                lab=found, seen=form.cleaned_data["seen"], by=request.member, now=timezone.now(), **form.said()
            )
        except changes.EditedMeanwhile as refusal:
            now_there = editing.said(ours(request, code))
            clash = both(form, Lab, now_there)
            form.carry(changes.mark(now_there))
            form.add_error(None, str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("catalogue_desk:lab", args=[code]))
    return _show_profile(request, found, form=form, clash=clash, status=422)


def _show_profile(
    request: MemberRequest, found: Lab, *, form: Any = None, clash: Any = (), status: int = 200
) -> HttpResponse:
    if form is None:
        seen = changes.mark(editing.said(found))
        linked = {name: list(getattr(found, name).values_list("pk", flat=True)) for name in editing.LINKED}
        form = forms.LabForm(instance=ours(request, found.code), initial={"seen": seen, **linked})
    context = {
        "lab": found,
        "form": form,
        "clash": clash,
        "facts": facts(found, (*editing.FIELDS, *editing.LINKED)),
        "tab": "profile",
    }
    return show(request, "labs/desk/lab.html", context, status=status)


# --- Recognition -----------------------------------------------------------------------------------------------------


@access.lab_staff
@require_safe
def recognition(request: MemberRequest, code: str) -> HttpResponse:
    """Show what a lab is recognised for, with how long each lasts; as a page or as a file."""
    found = ours(request, code)
    today = timezone.localdate(timezone=found.tz)
    accreditations = list(found.accreditations.order_by("kind", "number").prefetch_related("scope"))
    standards = list(found.measurement_standards.order_by("discipline_code", "certificate_no"))
    honours = list(found.honours.order_by("-granted_on", "pk"))
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        columns = [_("Kind"), _("Number"), _("Name"), _("Valid from"), _("Valid to")]
        lines: list[list[Any]] = [
            *([each.get_kind_display(), each.number, "", each.valid_from, each.valid_to] for each in accreditations),
            *([_("Measurement standard"), each.certificate_no, each.name, each.valid_from, each.valid_to]
              for each in standards),
            *([each.get_kind_display(), "", each.name, each.granted_on, each.valid_to or ""] for each in honours),
        ]  # fmt: skip
        return tables.answer(fmt, name=_("recognition"), columns=columns, rows=lines)
    context = {
        "lab": found,
        "accreditations": [(each, _standing(each.valid_to, today)) for each in accreditations],
        "standards": [(each, _standing(each.valid_to, today)) for each in standards],
        "honours": [(each, _standing(each.valid_to, today)) for each in honours],
        "tab": "recognition",
    }
    return show(request, "labs/desk/recognition.html", context)


def _standing(valid_to: date | None, today: date) -> str:
    if valid_to is None:
        return "valid"
    if valid_to < today:
        return "past"
    return "soon" if valid_to < today + queries.EXPIRES_SOON else "valid"


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: MemberRequest, code: str, kind: str) -> HttpResponse:
    """Record what a lab is recognised for."""
    found = ours(request, code)
    return _recognise(request, found, _known(kind), row=None)


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Change a record of what a lab is recognised for."""
    found = ours(request, code)
    model, _fields = editing.KINDS[_known(kind)]
    row = get_object_or_404(model._default_manager.filter(lab=found), pk=pk)
    return _recognise(request, found, kind, row=row)


def _known(kind: str) -> str:
    if kind not in editing.KINDS:
        raise Http404
    return kind


def _recognise(request: MemberRequest, found: Lab, kind: str, *, row: Any) -> HttpResponse:
    model, fields = editing.KINDS[kind]
    instance: Any = model._default_manager.get(pk=row.pk) if row else model(lab=found)
    back = reverse("catalogue_desk:recognition", args=[found.code])
    context: dict[str, Any] = {"lab": found, "kind": kind, "row": row, "back": back, "tab": "recognition"}
    context["withdraw"] = forms.WithdrawForm()
    if request.method != "POST":
        initial = {"seen": changes.mark(changes.of_row(row, fields))} if row else {}
        context["form"] = forms.FORMS[kind](instance=instance, initial=initial)
        return show(request, "labs/desk/recognise.html", context)
    form: Any = forms.FORMS[kind](request.POST, request.FILES, instance=instance)
    context |= {"form": form, "clash": ()}
    if form.is_valid():
        file = form.cleaned_data.get("certificate")
        is_handed_in = bool(file) and hasattr(file, "read")
        try:
            editing.recognise(
                lab=found,
                what=kind,
                row=row,
                seen=form.cleaned_data["seen"] if row else None,
                certificate=file.read(uploads.LARGEST_DOCUMENT + 1) if is_handed_in else None,
                by=request.member,
                now=timezone.now(),
                **form.said(),
            )
        except changes.EditedMeanwhile as refusal:
            now_there = changes.of_row(model._default_manager.get(pk=row.pk), fields)
            context["clash"] = both(form, model, now_there)
            form.carry(changes.mark(now_there))
            form.add_error(None, str(refusal))
        except Refusal as refusal:
            is_file = refusal.code.startswith(("file_", "picture_"))
            form.add_error("certificate" if is_file else None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            if kind == "accreditation" and (warning := form.warning()):
                messages.warning(request, warning)
            return HttpResponseRedirect(back)
    return show(request, "labs/desk/recognise.html", context, status=422)


@access.lab_manager
@require_POST
def withdraw(request: MemberRequest, code: str, kind: str, pk: int) -> HttpResponse:
    """Take back a record that was entered by mistake, with the reason."""
    found = ours(request, code)
    model, _fields = editing.KINDS[_known(kind)]
    row: Any = get_object_or_404(model._default_manager.filter(lab=found), pk=pk)
    form = forms.WithdrawForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it is taken back: it stands in the history."))
        return HttpResponseRedirect(reverse("catalogue_desk:change", args=[code, kind, pk]))
    reason = form.cleaned_data["reason"]
    editing.withdraw(lab=found, what=kind, row=row, by=request.member, now=timezone.now(), reason=reason)
    messages.success(request, _("It is taken back."))
    return HttpResponseRedirect(reverse("catalogue_desk:recognition", args=[code]))


# --- The scope of an accreditation -----------------------------------------------------------------------------------


@access.lab_staff
@require_http_methods(["GET", "HEAD", "POST"])
def scope(request: MemberRequest, code: str, pk: int) -> HttpResponse:
    """Show the scope of an accreditation (能力表), and write it anew for a manager."""
    found = ours(request, code)
    held = get_object_or_404(Accreditation.objects.select_related("lab"), lab=found, pk=pk)
    if request.method != "POST":
        entries = forms.ScopeRows(initial=forms.scope_initial(held), prefix=SCOPE)
        form = forms.ScopeForm(initial={"seen": changes.mark(editing.scope_lines(held))})
        return _show_scope(request, held, form, entries)
    if not request.member.may_manage_lab:
        return HttpResponse(status=403)
    if "another" in request.POST:
        data = with_a_row_more(request.POST, SCOPE, forms.MOST_ENTRIES)
        return _show_scope(request, held, forms.ScopeForm(data), forms.ScopeRows(data, prefix=SCOPE))
    form, entries = forms.ScopeForm(request.POST), forms.ScopeRows(request.POST, prefix=SCOPE)
    clash: list[Both] = []
    if form.is_valid() and entries.is_valid():
        try:
            editing.set_scope(
                accreditation=held,
                entries=[row.entry() for row in entries.kept()],
                seen=form.cleaned_data["seen"],
                by=request.member,
                now=timezone.now(),
            )
        except changes.EditedMeanwhile as refusal:
            lines = editing.scope_lines(held)
            clash = [Both(_("Scope"), "\n".join(lines), _("as written below"))]
            form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            form.data["seen"] = changes.mark(lines)  # type: ignore[index]  # likewise
            form.add_error(None, str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("catalogue_desk:scope", args=[code, pk]))
    return _show_scope(request, held, form, entries, clash=clash, status=422)


def _show_scope(
    request: MemberRequest, held: Accreditation, form: Any, entries: Any, *, clash: Any = (), status: int = 200
) -> HttpResponse:
    context = {
        "lab": held.lab,
        "accreditation": held,
        "form": form,
        "entries": entries,
        "lines": editing.scope_lines(held),
        "clash": clash,
        "tab": "recognition",
    }
    return show(request, "labs/desk/scope.html", context, fragment="writing", status=status)
