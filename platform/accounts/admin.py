"""People and organisations for the platform's staff: to look at, and the few things that only they decide."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, District, Invitation, Membership, Organisation, TaxpayerStatus, User
from accounts.organisations import operations as organisations
from kernel.refusals import Refusal


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # the class takes no parameters when it runs
    """Rows to look at: they change through the pages and their operations."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyRows(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """Rows that belong to another one, to look at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Members(ReadOnlyRows):
    model = Membership
    fields = ("user", "role", "is_active", "created_at")
    readonly_fields = ("created_at",)


class TaxpayerTypes(ReadOnlyRows):
    model = TaxpayerStatus
    fields = ("taxpayer_type", "valid_from")


@admin.register(District)
class DistrictAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    list_display = ("adcode", "name_zh", "name_en")
    search_fields = ("adcode", "name_zh", "name_en")


@admin.register(User)
class UserAdmin(ReadOnly):
    """People; whether they may log in is all that is decided here."""

    list_display = ("email", "name", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    fields = ("email", "name", "language", "timezone", "is_active", "is_staff", "date_joined", "last_login")
    readonly_fields = ("email", "name", "language", "timezone", "is_staff", "date_joined", "last_login")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("accounts.change_user"))


class TermsForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """What the platform's operator decides about an organisation."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Organisation.Role, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = Organisation
        fields = ("roles", "monthly_credit_fen", "suspended_until")


@admin.register(Organisation)
class OrganisationAdmin(ReadOnly):
    """Organisations: roles, credit and suspension are set here, by the operation that writes it down."""

    form = TermsForm
    list_display = ("code", "name_zh", "uscc", "org_type", "size", "verification", "monthly_credit_fen")
    list_filter = ("verification", "org_type", "size", "district")
    search_fields = ("code", "name_zh", "name_en", "uscc", "foreign_reg_no")
    list_select_related = ("district",)
    readonly_fields = ("code", "name_zh", "name_en", "uscc", "foreign_reg_no", "country", "district", "verification")
    fields = (*readonly_fields, "roles", "monthly_credit_fen", "suspended_until")
    inlines = (Members, TaxpayerTypes)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("accounts.change_organisation"))

    def save_model(self, request: HttpRequest, obj: Organisation, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)  # noqa: S101 -- the administration asks for a log-in
        try:
            organisations.set_terms(
                organisation=obj,
                roles=form.cleaned_data["roles"],
                monthly_credit_fen=form.cleaned_data["monthly_credit_fen"],
                suspended_until=form.cleaned_data["suspended_until"],
                by=request.user,
                now=timezone.now(),
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    list_display = ("email", "organisation", "role", "expires_at", "accepted_at", "revoked_at")
    list_select_related = ("organisation",)
    search_fields = ("email",)
    exclude = ("token_hash",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = ("name", "token_prefix", "membership", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("membership__user", "membership__organisation")
    exclude = ("token_hash",)
