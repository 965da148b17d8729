"""What a lab writes of its people: who they are, their week, leaves, qualifications, and groups of instruments."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from labs.desk.forms.editing import EditForm, labelled
from labs.desk.forms.instruments import CODE
from labs.hours.forms import DayRow, WindowsForm
from labs.hours.models import OpeningWindow
from labs.models import Instrument, InstrumentGroup, Lab, Operator, UserQualification
from labs.staff.operations.people import FIELDS
from web.fields import MomentField


def instruments_of(member: Membership, lab: Lab | None = None) -> QuerySet[Instrument]:
    """Return the instruments of the member's labs (or of one of them) that people may be qualified for."""
    found = Instrument.objects.operated_by(member).exclude(status=Instrument.Status.RETIRED)
    return (found.filter(lab=lab) if lab else found).select_related("lab").order_by("code")


class DayField(forms.DateField):
    """A day, chosen from a calendar."""

    def __init__(self, **how: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, "input_formats": ["%Y-%m-%d"], **how})


class InstrumentField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes none when run
    """An instrument, by name and code."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**{"queryset": Instrument.objects.none(), "label": _("Instrument"), **how})

    def label_from_instance(self, obj: Any) -> str:
        """Name it as lists do."""
        return f"{obj.name} {obj.code}"


class OperatorForm(EditForm):
    """What is said of an operator."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=lambda: labelled(Operator.Role.choices),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Operator
        fields = FIELDS

    GROUPS = ((_("Who they are"), FIELDS),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user: Any = self.fields["user"]
        organisation = self.instance.lab.organisation_id
        user.queryset = User.objects.filter(memberships__organisation=organisation).order_by("email").distinct()
        user.label = gettext("Log-in")
        user.empty_label = gettext("none")
        user.help_text = gettext("Whoever has one reads their own work here.")
        self.fields["is_active"].label = gettext("Works here")
        self.fields["is_active"].help_text = gettext(
            "Whoever does not is assigned to nothing new, and their work goes to others."
        )


class NewOperatorForm(forms.Form):
    """The first that is said of an operator; the rest is written on their page."""

    lab = forms.ModelChoiceField(label=_("Lab"), queryset=Lab.objects.none(), empty_label=None)
    code = forms.RegexField(
        CODE,
        label=_("Code"),
        max_length=24,
        help_text=_("Letters, digits and hyphens; where two have as much to do, the first code is assigned."),
        error_messages={"invalid": _("Use letters, digits and hyphens only.")},
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=60, required=False)

    def __init__(self, *args: Any, labs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lab"].queryset = labs  # type: ignore[attr-defined]  # choices


class HoursForm(WindowsForm):
    """An operator's week; no window at all means the lab's hours."""

    def __init__(self, *args: Any, week: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, label in OpeningWindow.Day.choices:
            self.add_windows(f"d{day}", str(label).capitalize(), week[str(day)])

    def rows(self) -> list[DayRow]:
        """Return the days as they are drawn."""
        return [DayRow(day, str(label), self.pairs(f"d{day}")) for day, label in OpeningWindow.Day.choices]

    def clean(self) -> dict[str, Any]:
        """Put the windows together, by day; days without any are left out."""
        cleaned = super().clean() or self.cleaned_data
        weekly = {day: self.clean_windows(f"d{day}") for day in OpeningWindow.Day.values}
        cleaned["weekly"] = {day: windows for day, windows in weekly.items() if windows}
        return cleaned


class LeaveForm(forms.Form):
    """From when to when an operator is away, and why."""

    start = MomentField(label=_("From"))
    end = MomentField(label=_("To"))
    reason_zh = forms.CharField(label=_("Reason (Chinese)"), max_length=200, required=False)
    reason_en = forms.CharField(label=_("Reason (English)"), max_length=200, required=False)

    def __init__(self, *args: Any, lab: Lab, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("start", "end"):
            self.fields[name].zone = lab.tz  # type: ignore[attr-defined]  # a MomentField
            self.fields[name].help_text = gettext("By the lab's clock ({zone}).").format(zone=lab.timezone)

    def clean(self) -> dict[str, Any]:
        """Ask for an end after the start."""
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and start >= end:
            self.add_error("end", gettext("A leave must end after it begins."))
        return cleaned


class QualifyForm(forms.Form):
    """What an operator may run, and through which day."""

    instrument = InstrumentField()
    valid_to = DayField(label=_("Valid to"))

    def __init__(self, *args: Any, instruments: QuerySet[Instrument], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].queryset = instruments  # type: ignore[attr-defined]  # choices
        self.fields["valid_to"].widget.attrs["min"] = today.isoformat()


class QualifyUserForm(QualifyForm):
    """Which person may run an instrument themself (上机资格), how, and through which day."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("That they sign in with."))
    level = forms.ChoiceField(label=_("Level"), choices=lambda: labelled(UserQualification.Level.choices))
    field_order = ("email", "instrument", "level", "valid_to")

    def clean_email(self) -> str:
        """Find the person."""
        email: str = self.cleaned_data["email"]
        self.user = User.objects.filter(email__iexact=email).first()
        if self.user is None:
            raise forms.ValidationError(gettext("Nobody signs in with this address."))
        return email


class GroupForm(forms.Form):
    """Instruments of a lab of which any will do."""

    code = forms.RegexField(CODE, label=_("Code"), max_length=39, help_text=_("Letters, digits and hyphens."))
    name_zh = forms.CharField(label=_("Chinese name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    instruments = forms.ModelMultipleChoiceField(
        label=_("Instruments"), queryset=Instrument.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, instruments: QuerySet[Instrument], group: InstrumentGroup | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["instruments"]
        field.queryset = instruments
        field.label_from_instance = lambda one: f"{one.name} {one.code}"
        if group is not None:
            self.fields["code"].disabled = True
            self.initial = {
                "code": group.code,
                "name_zh": group.name_zh,
                "name_en": group.name_en,
                "instruments": list(group.instruments.values_list("pk", flat=True)),
                **self.initial,
            }


# --- Filters ---------------------------------------------------------------------------------------------------------


class OperatorFilter(django_filters.FilterSet):
    """Operators by name or code, lab, and what they may run."""

    q = django_filters.CharFilter(label=_("Name or code"), method="named")
    instrument = django_filters.CharFilter(
        label=_("Instrument's code"),
        field_name="qualifications__instrument__code",
        lookup_expr="iexact",
        widget=forms.TextInput({"placeholder": "TH-001"}),
    )

    class Meta:
        model = Operator
        fields = ("q", "instrument")

    def named(self, operators: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Keep those whose name or code holds the words."""
        return operators.filter(Q(name_zh__icontains=words) | Q(name_en__icontains=words) | Q(code__icontains=words))


class UserQualificationFilter(django_filters.FilterSet):
    """Qualifications by person, instrument, and whether they are valid."""

    q = django_filters.CharFilter(label=_("Name or e-mail address"), method="named")
    instrument = django_filters.CharFilter(
        label=_("Instrument's code"),
        field_name="instrument__code",
        lookup_expr="iexact",
        widget=forms.TextInput({"placeholder": "TH-001"}),
    )

    class Meta:
        model = UserQualification
        fields = ("q", "instrument")

    def named(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Keep those of persons whose name or address holds the words."""
        return rows.filter(Q(user__name__icontains=words) | Q(user__email__icontains=words))
