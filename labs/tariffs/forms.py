"""What a manager writes for a new price list or new terms of booking, checked beside the fields."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from labs.tariffs import rules, wording
from labs.tariffs.models import BookingPolicy, Tariff, default_ladder
from web.fields import HoursField, MomentField, PercentField, YuanField

MOST_BANDS, MOST_STEPS = 12, 8
SPARE_ROWS = 1
TAXES = (
    ("rental_assisted", _("Rental with the lab's operator")),
    ("rental_self", _("Rental operated by oneself")),
)
STANDARD, NEW = "standard", "new"
"""Brushes beside the bands: the base rate, and a band that there is not yet."""
A_YEAR_OF_MINUTES = 366 * 24 * 60
LONGEST_MINUTES = 32_767


class VersionForm(forms.Form):
    """What every new version says: from when it holds, and which version its writer saw."""

    starts = MomentField(label=_("Holds from"), required=False)
    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        starts = self.fields["starts"]
        starts.zone = zone  # type: ignore[attr-defined]  # a MomentField
        starts.help_text = gettext("By the lab's clock ({zone}). Empty: from now on.").format(zone=zone.key)
        self.order_fields([name for name in self.fields if name not in ("starts", "after")] + ["starts", "after"])

    def valid_from(self, now: datetime) -> datetime:
        """Return the instant from which the version holds."""
        return self.cleaned_data["starts"] or now

    def terms(self) -> dict[str, Any]:
        """Return the fields of the version as it is kept; what was refused is left out."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("starts", "after")}


class TariffForm(VersionForm):
    """A price list: the base rate, what is charged beside it, how time is counted."""

    base_rate_fen_per_hour = YuanField(label=_("Base rate (¥ an hour)"))
    billing_increment_min = forms.IntegerField(
        label=_("Time is counted in steps of (minutes)"), min_value=1, max_value=24 * 60
    )
    min_billable_minutes = forms.IntegerField(
        label=_("Least time charged (minutes)"), min_value=0, max_value=A_YEAR_OF_MINUTES, initial=0
    )
    min_charge_fen = YuanField(
        label=_("Minimum charge (¥)"), help_text=_("For the use, before set-up and operator."), initial=0
    )
    setup_fee_fen = YuanField(label=_("Set-up (¥, once a booking)"), initial=0)
    operator_fee_fen_per_hour = YuanField(
        label=_("Operator (¥ an hour)"),
        help_text=_("When the lab runs the instrument. Bands do not change it."),
        initial=0,
    )
    sme_discount_bp = PercentField(
        label=_("Discount for small and medium enterprises (%)"), max_value=100, max_digits=5, initial=0
    )
    bill_mode = forms.ChoiceField(label=_("What is charged"), choices=Tariff.BillMode, widget=forms.RadioSelect)
    tax_category = forms.ChoiceField(
        label=_("Tax category"),
        choices=TAXES,
        help_text=_("The rate of VAT follows it: the lab's finance confirms it."),
    )


class BandForm(forms.Form):
    """An hour band: its names, hours, days, and its rate in percent of the base."""

    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=40, required=False)
    name = forms.CharField(label=_("Name (English)"), max_length=40, required=False)
    start = forms.TimeField(
        label=_("From"),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    end = forms.TimeField(
        label=_("To"),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    day_types = forms.MultipleChoiceField(label=_("Days"), widget=forms.CheckboxSelectMultiple)
    rate_bp = PercentField(label=_("Per cent of the base"), max_value=rules.MOST_BP // 100, max_digits=6)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day_types"].choices = list(wording.day_type_names().items())  # type: ignore[attr-defined]  # choices

    def clean(self) -> dict[str, Any]:
        """Ask for a name in one of the languages."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not (cleaned.get("name_zh") or cleaned.get("name")):
            self.add_error("name_zh", gettext("Give the band a name in one of the languages."))
        return cleaned

    def band(self) -> dict[str, Any]:
        """Return the band as a price list keeps it."""
        told = self.cleaned_data
        return {
            "name": told["name"] or told["name_zh"],
            "name_zh": told["name_zh"],
            "start": f"{told['start']:%H:%M}",
            "end": f"{told['end']:%H:%M}",
            "day_types": [day for day in rules.DAY_TYPES if day in told["day_types"]],
            "rate_bp": told["rate_bp"],
        }


class Rows(forms.BaseFormSet):  # type: ignore[type-arg]  # takes no parameter when the program runs
    """Rows that a person fills in, changes, empties or ticks to be taken out; an emptied row is no row."""

    def initial_form_count(self) -> int:
        """Count no row that was sent as one that must be there: the version is written anew."""
        return 0 if self.is_bound else super().initial_form_count()

    def right(self) -> list[tuple[int, Any]]:
        """Return the rows that are filled in, right and to be kept, with their places."""
        return [
            (place, form)
            for place, form in enumerate(self.forms)
            if form.has_changed() and form.is_valid() and not form.cleaned_data.get("DELETE")
        ]


class BandRows(Rows):
    """The bands of a price list in the order in which they are asked: the first that holds decides (BL-3)."""

    @classmethod
    def get_ordering_widget(cls) -> type[forms.Widget]:
        return OrderInput

    def bands(self) -> list[dict[str, Any]]:
        """Return the rows that are right, in their order, without those to be deleted and those left empty."""
        rows = [
            (form.cleaned_data.get("ORDER") or MOST_BANDS + place, place, form.band()) for place, form in self.right()
        ]
        return [band for _order, _place, band in sorted(rows, key=lambda row: row[:2])]


class PaintForm(forms.Form):
    """Hours of some kinds of day that are painted with a band, with the base rate, or with a new band."""

    brush = forms.ChoiceField(label=_("Paint with"))
    day_types = forms.MultipleChoiceField(label=_("Days"), widget=forms.CheckboxSelectMultiple)
    start = BandForm.base_fields["start"]
    end = BandForm.base_fields["end"]
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=40, required=False)
    name = forms.CharField(label=_("Name (English)"), max_length=40, required=False)
    rate_bp = PercentField(
        label=_("Per cent of the base"), max_value=rules.MOST_BP // 100, max_digits=6, required=False
    )

    use_required_attribute = False
    prefix = "paint"

    def __init__(self, *args: Any, bands: Sequence[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bands = bands
        self.known = rules.brushes(bands)
        named = [
            (f"band-{place}", f"{wording.band_name({'name': name, 'name_zh': name_zh})} {wording.percent(rate_bp)}")
            for place, (name, name_zh, rate_bp) in enumerate(self.known)
        ]
        standard = (STANDARD, f"{wording.standard_name()} {wording.percent(rules.STANDARD_BP)}")
        self.fields["brush"].choices = [*named, standard, (NEW, gettext("a new band …"))]  # type: ignore[attr-defined]  # choices
        self.fields["day_types"].choices = list(wording.day_type_names().items())  # type: ignore[attr-defined]  # choices

    def clean(self) -> dict[str, Any]:
        """Ask what a new band is called and costs."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("brush") == NEW:
            if not (cleaned.get("name_zh") or cleaned.get("name")):
                self.add_error("name_zh", gettext("Give the band a name in one of the languages."))
            if cleaned.get("rate_bp") is None and "rate_bp" not in self.errors:
                self.add_error("rate_bp", gettext("Say what the new band costs."))
        if not self.errors and len(self.painted()) > MOST_BANDS:
            self.add_error(None, gettext("That would make more than {most} bands.").format(most=MOST_BANDS))
        return cleaned

    def chosen(self) -> rules.Brush:
        """Return the brush."""
        told = self.cleaned_data
        if told["brush"] == NEW:
            return told["name"] or told["name_zh"], told["name_zh"], told["rate_bp"]
        return None if told["brush"] == STANDARD else self.known[int(told["brush"].removeprefix("band-"))]

    def painted(self) -> list[dict[str, Any]]:
        """Return the bands as they are once the hours are painted."""
        told = self.cleaned_data
        return rules.painted(
            self.bands,
            brush=self.chosen(),
            day_types=told["day_types"],
            starts=told["start"].hour * 60 + told["start"].minute,
            ends=told["end"].hour * 60 + told["end"].minute,
        )


def next_paint(brush: rules.Brush, bands: Sequence[dict[str, Any]]) -> PaintForm:
    """Return an empty form of painting in which a brush is chosen: the one that was used last, or the first band."""
    known = rules.brushes(bands)
    chosen = STANDARD if brush is None else f"band-{known.index(brush)}" if brush in known else NEW
    return PaintForm(bands=bands, initial={"brush": chosen})


class OrderInput(forms.NumberInput):
    """The place of a row among the others."""

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__({"min": 1, **(attrs or {})})


class PolicyForm(VersionForm):
    """The terms of booking: lengths, buffers, notice, approval, reserve, hold."""

    slot_grid_min = forms.IntegerField(label=_("Bookings start every (minutes)"), min_value=1, max_value=24 * 60)
    min_minutes = forms.IntegerField(label=_("Shortest booking (minutes)"), min_value=1, max_value=A_YEAR_OF_MINUTES)
    max_minutes = forms.IntegerField(label=_("Longest booking (minutes)"), min_value=1, max_value=A_YEAR_OF_MINUTES)
    pre_buffer_min = forms.IntegerField(
        label=_("Kept free before (minutes)"),
        min_value=0,
        max_value=24 * 60,
        help_text=_("For preparation, at no charge."),
    )
    post_buffer_min = forms.IntegerField(
        label=_("Kept free after (minutes)"), min_value=0, max_value=24 * 60, help_text=_("For cleaning, at no charge.")
    )
    lead_time_min = forms.IntegerField(
        label=_("Booked at least so long ahead (minutes)"), min_value=0, max_value=A_YEAR_OF_MINUTES
    )
    advance_days = forms.IntegerField(label=_("Booked at most so long ahead (days)"), min_value=1, max_value=400)
    hold_minutes = forms.IntegerField(
        label=_("Kept while the customer decides (minutes)"), min_value=1, max_value=LONGEST_MINUTES
    )
    sme_reserve_bp = PercentField(
        label=_("Kept for small and medium enterprises (per cent of the open time)"), max_value=100, max_digits=5
    )
    week_max_minutes = HoursField(
        label=_("One customer's hours a week at most"),
        max_value=7 * 24,
        required=False,
        help_text=_("Runs that go on while the lab is closed do not count. Empty: no limit."),
    )
    no_show_grace_min = forms.IntegerField(
        label=_("A no-show after the start by (minutes)"), min_value=0, max_value=24 * 60
    )
    requires_approval = forms.BooleanField(label=_("The lab approves each booking"), required=False)

    def clean(self) -> dict[str, Any]:
        """Compare the lengths."""
        cleaned = super().clean() or self.cleaned_data
        least, most, grid = (cleaned.get(name) for name in ("min_minutes", "max_minutes", "slot_grid_min"))
        if least and most and most < least:
            self.add_error("max_minutes", gettext("The longest booking must not be shorter than the shortest."))
        elif most and grid and most < grid:
            self.add_error("max_minutes", gettext("The longest booking must be at least one step of the start times."))
        return cleaned


class StepForm(forms.Form):
    """A step of the cancellation ladder: from this much notice on, the fee."""

    min_notice_hours = forms.IntegerField(label=_("Notice of at least (hours)"), min_value=0, max_value=24 * 366)
    fee_bp = PercentField(label=_("Fee (per cent of the price)"), max_value=100, max_digits=5)

    def step(self) -> dict[str, int]:
        """Return the step as a policy keeps it."""
        return {"min_notice_hours": self.cleaned_data["min_notice_hours"], "fee_bp": self.cleaned_data["fee_bp"]}


class StepRows(Rows):
    """The cancellation ladder (BL-20), kept from the longest notice to none whatever the order of the rows."""

    def ladder(self) -> list[dict[str, int]]:
        """Return the steps that are right, the longest notice first."""
        steps = [form.step() for _place, form in self.right()]
        return sorted(steps, key=lambda step: -step["min_notice_hours"])

    def clean(self) -> None:
        """Say in words what is wrong with the ladder as a whole."""
        if any(self.errors):
            return
        ladder = self.ladder()
        problem = rules.ladder_problem(ladder)
        if not ladder or (problem and ladder[-1]["min_notice_hours"]):
            raise forms.ValidationError(
                gettext("The last step must be for a notice of 0 hours: what a late cancellation costs.")
            )
        if problem.endswith("min_notice_hours"):
            raise forms.ValidationError(gettext("Two steps are for the same notice."))
        if problem:
            raise forms.ValidationError(gettext("With less notice, the fee must not fall."))


BandFormSet: type[BandRows] = forms.formset_factory(  # type: ignore[assignment]  # of the class it is given
    BandForm, formset=BandRows, extra=SPARE_ROWS, max_num=MOST_BANDS, absolute_max=MOST_BANDS, validate_max=True,
    can_delete=True, can_order=True,
)  # fmt: skip
StepFormSet: type[StepRows] = forms.formset_factory(  # type: ignore[assignment]  # likewise
    StepForm, formset=StepRows, extra=SPARE_ROWS, max_num=MOST_STEPS, absolute_max=MOST_STEPS, validate_max=True,
    can_delete=True,
)  # fmt: skip


def with_a_row_more(data: Mapping[str, Any], prefix: str, most: int) -> Any:
    """Return what was sent, with one more empty row of a formset: what the button "another row" asks for."""
    more = data.copy()  # type: ignore[attr-defined]  # a QueryDict
    sent = str(more.get(f"{prefix}-TOTAL_FORMS", ""))
    more[f"{prefix}-TOTAL_FORMS"] = str(min(most, (int(sent) if sent.isdecimal() and len(sent) < 4 else 0) + 1))
    return more


def tariff_initial(last: Tariff | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the form of a new price list shows first: the last version, or the usual."""
    row = last or Tariff()
    bands = in_order(row.bands)
    shown = {name: getattr(row, name) for name in TariffForm.base_fields if name not in ("starts", "after")}
    return {**shown, "after": last.version if last else 0}, bands


def in_order(bands: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return bands as the rows of the form show them, each with its place."""
    return [{**band, "ORDER": place} for place, band in enumerate(bands, 1)]


def policy_initial(last: BookingPolicy | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the form of new terms shows first: the last version, or the usual."""
    row = last or BookingPolicy()
    shown = {name: getattr(row, name) for name in PolicyForm.base_fields if name not in ("starts", "after")}
    return {**shown, "after": last.version if last else 0}, list(row.cancellation if last else default_ladder())


class PriceListFilter(forms.Form):
    """Which price lists are shown."""

    q = forms.CharField(label=_("Instrument"), max_length=80, required=False)
    lab = forms.ChoiceField(label=_("Lab"), required=False)
    missing = forms.BooleanField(label=_("Only those without a price list"), required=False)

    def __init__(self, *args: Any, labs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lab"].choices = [("", gettext("All labs")), *labs]  # type: ignore[attr-defined]  # choices


def draft(form: TariffForm, rows: BandRows) -> dict[str, Any]:
    """Return the price list as it is written so far, of what is right in it: for pictures and estimates."""
    form.is_valid()
    return {**form.terms(), "bands": rows.bands()}
