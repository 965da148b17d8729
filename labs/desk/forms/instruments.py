"""What a lab writes of an instrument."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from labs.catalogue.editing import instruments as editing
from labs.catalogue.editing import offerings
from labs.catalogue.models import Instrument, InstrumentCategory, Lab, Offering, Room
from labs.desk.forms.editing import EditForm, labelled
from web.fields import MomentField, YuanField

FIRST_YEAR = 1900
CODE = r"^[A-Za-z0-9][A-Za-z0-9-]{1,38}$"


class InstrumentForm(EditForm):
    """All that is said of an instrument."""

    original_value_fen = YuanField(label=_("Original value (¥)"), required=False)
    commissioned_year = forms.IntegerField(label=_("In use since (year)"), required=False, min_value=FIRST_YEAR)
    capacity = forms.IntegerField(
        label=_("Units that are booked separately"),
        min_value=1,
        max_value=500,
        help_text=_("How many customers may use it at one time."),
    )

    materials_allowed = forms.MultipleChoiceField(
        label=_("Hazardous materials allowed"),
        choices=lambda: labelled(Instrument.Material.choices),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Customers declare what they bring; what is not ticked is refused."),
    )

    class Meta:
        model = Instrument
        fields = editing.FIELDS

    GROUPS = (
        (_("What it is"), ("name_zh", "name_en", "category", "class_kind", "model", "maker", "commissioned_year",
                           "original_value_fen", "keywords")),
        (_("For the lab alone"), ("serial_no", "asset_no")),
        (_("What customers read"), ("description_zh", "description_en", "not_for_loan_zh")),
        (_("How it is shared"), ("rental_mode", "training_required", "requires_calibration", "capacity",
                                 "capacity_unit_zh", "room", "shared_condition_profile", "span_closed",
                                 "unattended_buffers", "materials_allowed")),
    )  # fmt: skip

    def __init__(self, *args: Any, lab: Lab, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = Room.objects.filter(lab=lab).order_by("code")  # type: ignore[attr-defined]
        self.fields["room"].empty_label = gettext("no room of its own")  # type: ignore[attr-defined]
        self.fields["commissioned_year"].max_value = today.year + 1  # type: ignore[attr-defined]
        self.fields["keywords"].help_text = gettext("What else people call it, with spaces between.")
        for name in ("serial_no", "asset_no"):
            self.fields[name].help_text = gettext("Only members of your organisation see it.")
        self.fields["requires_calibration"].help_text = gettext(
            "Without a certificate in force it cannot be booked. Unticked, bookings say that results are not traceable."
        )
        self.fields["span_closed"].help_text = gettext("A booking may run on through hours in which the lab is closed.")
        self.fields["shared_condition_profile"].help_text = gettext(
            "Customers who need the same condition share it, as in a climatic chamber; each declares it when booking."
        )

    def clean_original_value_fen(self) -> int:
        """Take an empty value as none known."""
        return self.cleaned_data["original_value_fen"] or 0

    def clean_commissioned_year(self) -> int | None:
        """Refuse a year to come."""
        year: int | None = self.cleaned_data["commissioned_year"]
        latest = self.fields["commissioned_year"].max_value  # type: ignore[attr-defined]
        if year is not None and year > latest:
            raise forms.ValidationError(gettext("That year is yet to come."))
        return year


class NewInstrumentForm(forms.Form):
    """The first that is said of an instrument; the rest is written on its page."""

    lab = forms.ModelChoiceField(label=_("Lab"), queryset=Lab.objects.none(), empty_label=None)
    code = forms.RegexField(
        CODE,
        label=_("Code"),
        max_length=39,
        help_text=_("Letters, digits and hyphens; it stands in the address and on labels, and is never changed."),
        error_messages={"invalid": _("Use letters, digits and hyphens only.")},
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=InstrumentCategory.objects.order_by("code"),
        empty_label=_("please choose"),
    )
    model = forms.CharField(label=_("Model"), max_length=100, required=False)
    maker = forms.CharField(label=_("Maker"), max_length=200, required=False)

    def __init__(self, *args: Any, labs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lab"].queryset = labs  # type: ignore[attr-defined]  # choices


class StatusForm(forms.Form):
    """What state an instrument is in today, and when it is expected back."""

    status = forms.ChoiceField(label=_("Status"), choices=())
    expected_back_at = MomentField(label=_("Expected back"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, zone: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = labelled(Instrument.Status.choices)  # type: ignore[attr-defined]
        self.fields["expected_back_at"].zone = zone  # type: ignore[attr-defined]  # a MomentField
        self.fields["expected_back_at"].help_text = gettext("By the lab's clock ({zone}).").format(zone=zone.key)

    @classmethod
    def of(cls, instrument: Instrument) -> dict[str, str | datetime | None]:
        """Return what it shows first."""
        return {"status": instrument.status, "expected_back_at": instrument.expected_back_at}


class RentalForm(EditForm):
    """What customers of a rental read before they come."""

    class Meta:
        model = Offering
        fields = offerings.RENTAL_FIELDS

    GROUPS = ((_("What customers read before they come"), offerings.RENTAL_FIELDS),)


class InstrumentFilter(forms.Form):
    """Which instruments of the desk's list are shown."""

    q = forms.CharField(label=_("Name, model or code"), max_length=80, required=False)
    lab = forms.ChoiceField(label=_("Lab"), required=False)
    state = forms.ChoiceField(label=_("Rental"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    calibration = forms.ChoiceField(label=_("Calibration"), required=False)

    def __init__(self, *args: Any, labs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = {
            "lab": [("", gettext("All labs")), *labs],
            "state": [("", gettext("Any state")), *labelled(Offering.State.choices)],
            "status": [("", gettext("Any status")), *labelled(Instrument.Status.choices)],
            "calibration": [
                ("", gettext("Any")),
                ("valid", gettext("Calibrated")),
                ("soon", gettext("Expires within 90 days")),
                ("none", gettext("Not calibrated")),
            ],
        }
        for name, choices in every.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # choices


class PhotoForm(forms.Form):
    """A picture to be added, and what it shows."""

    photo = forms.FileField(label=_("Photo"), help_text=_("JPEG, PNG or WebP, up to 8 MB."))
    caption_zh = forms.CharField(label=_("What it shows (Chinese)"), max_length=200, required=False)
    caption_en = forms.CharField(label=_("What it shows (English)"), max_length=200, required=False)
