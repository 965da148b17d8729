# mypy: disable-error-code="type-arg"
# Django's admin classes take no parameters when the program runs.
"""Reference data for the platform's staff; whatever decides open time goes through its operation, or rebuilds."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.periods import Period
from labs.calibration import operations as calibration
from labs.calibration.rules import certificate_problem
from labs.capabilities import admin as capabilities_admin  # noqa: F401 -- registers its tables
from labs.catalogue import admin as catalogue_admin  # noqa: F401 -- registers its tables
from labs.catalogue import operations as catalogue
from labs.hours import operations as hours
from labs.hours.rules import window_problem
from labs.models import (
    Accreditation,
    BookingPolicy,
    CalibrationRecord,
    DateException,
    HolidayDate,
    Instrument,
    InstrumentCategory,
    Lab,
    Offering,
    OpeningWindow,
    Operator,
    OperatorQualification,
    Outage,
    Parameter,
    Room,
    Standard,
    Tariff,
    UserQualification,
)
from labs.tariffs import operations as tariffs
from labs.tariffs.rules import band_problem, ladder_problem


def acting(request: HttpRequest) -> Membership | None:
    """Return the membership that acts, for the record of what was done."""
    member: Membership | None = getattr(request, "member", None)
    return member or None


class MadeByOperation(admin.ModelAdmin):
    """Rows that are added and taken away by their operations, and never edited: a change is another row."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)


@admin.register(InstrumentCategory)
class InstrumentCategoryAdmin(admin.ModelAdmin):
    list_display = ("code", "name_zh", "name_en", "scheme")
    search_fields = ("code", "name_zh", "name_en")


@admin.register(Standard)
class StandardAdmin(admin.ModelAdmin):
    list_display = ("number", "kind", "title_zh", "status", "superseded_by", "confidence")
    list_filter = ("status", "kind", "confidence")
    list_select_related = ("superseded_by",)
    search_fields = ("number", "number_key", "title_zh", "title_en")
    autocomplete_fields = ("superseded_by",)


@admin.register(HolidayDate)
class HolidayDateAdmin(admin.ModelAdmin):
    """The holiday arrangement; every change of a date is felt by all instruments."""

    list_display = ("date", "kind", "name_zh", "name_en")
    list_filter = ("kind",)
    date_hierarchy = "date"
    search_fields = ("name_zh", "name_en")

    def save_model(self, request: HttpRequest, obj: HolidayDate, form: forms.ModelForm, change: bool) -> None:
        before = form.initial.get("date") or obj.date
        super().save_model(request, obj, form, change)
        self._announce({before, obj.date}, request)

    def delete_model(self, request: HttpRequest, obj: HolidayDate) -> None:
        super().delete_model(request, obj)
        self._announce({obj.date}, request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[HolidayDate]) -> None:
        dates = set(queryset.values_list("date", flat=True))
        super().delete_queryset(request, queryset)
        self._announce(dates, request)

    def _announce(self, dates: set[date], request: HttpRequest) -> None:
        hours.announce_holidays(dates, by=acting(request), now=timezone.now())


class OpeningWindowInline(admin.TabularInline):
    model = OpeningWindow
    extra = 0


class AccreditationInline(admin.TabularInline):
    model = Accreditation
    extra = 0
    exclude = ("certificate",)


@admin.register(Lab)
class LabAdmin(admin.ModelAdmin):
    list_display = ("code", "name_zh", "lab_type", "organisation", "district", "is_active")
    list_filter = ("lab_type", "is_active", "district")
    list_select_related = ("organisation", "district")
    search_fields = ("code", "name_zh", "name_en", "organisation__name_zh")
    raw_id_fields = ("organisation",)
    autocomplete_fields = ("zones", "clusters")
    inlines = (OpeningWindowInline, AccreditationInline)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        lab: Lab = form.instance
        now = timezone.now()
        windows = next(formset for formset in formsets if formset.model is OpeningWindow)
        if windows.has_changed() or {"timezone", "makeup_policy"} & set(form.changed_data):
            weekly: dict[int, list[tuple[int, int]]] = {}
            for window in lab.opening_windows.order_by("day", "opens_minute"):
                weekly.setdefault(window.day, []).append((window.opens_minute, window.closes_minute))
            hours.set_opening_hours(lab=lab, weekly=weekly, by=acting(request), now=now)


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):
    list_display = ("code", "name_zh", "lab", "capacity")
    list_select_related = ("lab",)
    search_fields = ("code", "name_zh", "lab__name_zh")
    autocomplete_fields = ("lab",)


class ParameterInline(admin.TabularInline):
    model = Parameter
    extra = 0


class InstrumentForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("expected_back_at") and data.get("status") not in Instrument.AWAY:
            self.add_error("expected_back_at", str(hours.StatusNeedsNoReturn.message))
        return data


@admin.register(Instrument)
class InstrumentAdmin(admin.ModelAdmin):
    form = InstrumentForm
    list_display = ("code", "name_zh", "model", "lab", "category", "status", "capacity")
    list_filter = ("status", "rental_mode", "lab")
    list_select_related = ("lab", "category")
    search_fields = ("code", "name_zh", "name_en", "model", "search_text")
    autocomplete_fields = ("lab", "category", "room")
    inlines = (ParameterInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        instrument: Instrument = form.instance
        now, by = timezone.now(), acting(request)
        if not change:
            catalogue.offer_rental(instrument=instrument, by=by, now=now)
        if change and {"status", "expected_back_at"} & set(form.changed_data):
            back = instrument.expected_back_at
            hours.set_status(instrument=instrument, status=instrument.status, expected_back_at=back, by=by, now=now)
        else:
            hours.rebuild_open_time([instrument], now)


@admin.register(Offering)
class OfferingAdmin(admin.ModelAdmin):
    list_display = ("code", "kind", "name_zh", "lab", "state", "unit_price_fen")
    list_filter = ("kind", "state", "lab")
    list_select_related = ("lab",)
    search_fields = ("code", "name_zh", "name_en", "standards__number")
    autocomplete_fields = ("lab", "instrument", "instruments", "standards")
    raw_id_fields = ("provider",)
    actions = ("publish", "suspend")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        catalogue.republish(offering=form.instance, by=acting(request), now=timezone.now())

    @admin.action(description=_("Publish"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Offering]) -> None:
        self._set(request, queryset, Offering.State.PUBLISHED)

    @admin.action(description=_("Suspend"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[Offering]) -> None:
        self._set(request, queryset, Offering.State.SUSPENDED)

    def _set(self, request: HttpRequest, queryset: QuerySet[Offering], state: Offering.State) -> None:
        for offering in queryset:
            catalogue.set_offering_state(offering=offering, state=state, by=acting(request), now=timezone.now())
        messages.success(request, state.label)


class CalibrationForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        days = {
            name: data.get(name) or getattr(self.instance, name) for name in ("calibrated_on", "valid_from", "valid_to")
        }
        if all(days.values()) and (problem := certificate_problem(**days)):
            self.add_error(problem, str(calibration.CalibrationDatesImpossible.message).format(field=problem))
        return data


@admin.register(CalibrationRecord)
class CalibrationRecordAdmin(admin.ModelAdmin):
    """Certificates are recorded, and amended in their validity and result; none is deleted."""

    form = CalibrationForm
    list_display = ("certificate_no", "instrument", "kind", "valid_from", "valid_to", "result")
    list_filter = ("kind", "result")
    list_select_related = ("instrument",)
    date_hierarchy = "valid_to"
    search_fields = ("certificate_no", "instrument__code", "instrument__name_zh")
    autocomplete_fields = ("instrument",)
    amended: ClassVar[tuple[str, ...]] = ("valid_from", "valid_to", "result")

    def get_readonly_fields(self, request: HttpRequest, obj: CalibrationRecord | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return tuple(each.name for each in obj._meta.fields if each.name not in self.amended)

    def has_delete_permission(self, request: HttpRequest, obj: CalibrationRecord | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: CalibrationRecord, form: Any, change: bool) -> None:
        by, now = acting(request), timezone.now()
        if change:
            told = {name: getattr(obj, name) for name in self.amended}
            calibration.amend_calibration(record=obj, by=by, now=now, reason=str(_("amended by hand")), **told)
        else:
            made = calibration.record_calibration(**form.cleaned_data, by=by, now=now)
            obj.pk = made.pk


class DateExceptionForm(forms.ModelForm):
    def clean_windows(self) -> Any:
        windows = self.cleaned_data["windows"] or []
        if window_problem(windows):
            raise forms.ValidationError(str(hours.WindowsInvalid.message).format(field=_("windows")))
        return windows


@admin.register(DateException)
class DateExceptionAdmin(MadeByOperation):
    form = DateExceptionForm
    list_display = ("date", "lab", "instrument", "windows", "reason_zh")
    list_select_related = ("lab", "instrument")
    date_hierarchy = "date"
    search_fields = ("lab__name_zh", "instrument__name_zh", "reason_zh")
    autocomplete_fields = ("lab", "instrument")

    def save_model(self, request: HttpRequest, obj: DateException, form: Any, change: bool) -> None:
        given = dict(form.cleaned_data)
        of = given.pop("lab") or given["instrument"]
        del given["instrument"]
        obj.pk = hours.add_date_exception(of=of, by=acting(request), now=timezone.now(), **given).pk

    def delete_model(self, request: HttpRequest, obj: DateException) -> None:
        hours.remove_date_exception(exception=obj, by=acting(request), now=timezone.now())


@admin.register(Outage)
class OutageAdmin(MadeByOperation):
    list_display = ("kind", "lab", "instrument", "period", "units", "reason_zh")
    list_filter = ("kind",)
    list_select_related = ("lab", "instrument")
    search_fields = ("lab__name_zh", "instrument__code", "instrument__name_zh", "reason_zh")
    autocomplete_fields = ("lab", "instrument")
    exclude = ("created_by",)

    def save_model(self, request: HttpRequest, obj: Outage, form: Any, change: bool) -> None:
        given = dict(form.cleaned_data)
        of = given.pop("lab") or given["instrument"]
        del given["instrument"]
        period = Period.from_range(given.pop("period"))
        obj.pk = hours.announce_outage(
            of=of, start=period.start, end=period.end, by=acting(request), now=timezone.now(), **given
        ).pk

    def delete_model(self, request: HttpRequest, obj: Outage) -> None:
        hours.lift_outage(outage=obj, by=acting(request), now=timezone.now())


class QualificationInline(admin.TabularInline):
    model = OperatorQualification
    extra = 0
    autocomplete_fields = ("instrument",)


@admin.register(Operator)
class OperatorAdmin(admin.ModelAdmin):
    list_display = ("code", "name_zh", "lab", "roles", "is_active")
    list_filter = ("is_active", "lab")
    list_select_related = ("lab",)
    search_fields = ("code", "name_zh", "name_en", "lab__name_zh")
    autocomplete_fields = ("lab",)
    raw_id_fields = ("user",)
    inlines = (QualificationInline,)


@admin.register(UserQualification)
class UserQualificationAdmin(admin.ModelAdmin):
    list_display = ("user", "instrument", "level", "issued_on", "valid_to")
    list_filter = ("level",)
    list_select_related = ("user", "instrument")
    search_fields = ("user__email", "user__name", "instrument__code", "instrument__name_zh")
    raw_id_fields = ("user",)
    autocomplete_fields = ("instrument",)


class TermsForm(forms.ModelForm):
    def clean_valid_from(self) -> Any:
        if self.cleaned_data["valid_from"] < timezone.now():
            raise forms.ValidationError(str(tariffs.TermsInPast.message))
        return self.cleaned_data["valid_from"]

    def clean_bands(self) -> Any:
        return self._checked("bands", band_problem(self.cleaned_data["bands"] or []))

    def clean_cancellation(self) -> Any:
        return self._checked("cancellation", ladder_problem(self.cleaned_data["cancellation"]))

    def _checked(self, field: str, problem: str) -> Any:
        if problem:
            raise forms.ValidationError(str(tariffs.TermsInvalid.message).format(field=problem))
        return self.cleaned_data[field] or []


class TermsAdmin(MadeByOperation):
    """Prices and terms, by version; a change is a new version."""

    form = TermsForm
    exclude = ("version",)
    list_filter = ("valid_from",)
    list_select_related = ("instrument",)
    search_fields = ("instrument__code", "instrument__name_zh")
    autocomplete_fields = ("instrument",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        publish = tariffs.publish_tariff if isinstance(obj, Tariff) else tariffs.publish_policy
        made = publish(by=acting(request), now=timezone.now(), **form.cleaned_data)
        obj.pk, obj.version = made.pk, made.version


@admin.register(Tariff)
class TariffAdmin(TermsAdmin):
    list_display = ("instrument", "version", "valid_from", "base_rate_fen_per_hour", "bill_mode")


@admin.register(BookingPolicy)
class BookingPolicyAdmin(TermsAdmin):
    list_display = ("instrument", "version", "valid_from", "slot_grid_min", "min_minutes", "max_minutes")
