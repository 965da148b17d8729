"""Forms as Tabler draws them: every Django form, without a word about looks in the forms themselves."""

from typing import Any

from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    HiddenInput,
    RadioSelect,
    Select,
    Widget,
)
from django.forms.renderers import TemplatesSetting

CHECKS = (CheckboxInput, CheckboxSelectMultiple, RadioSelect)


def css_class_of(widget: Widget) -> str:
    """Return Tabler's class for an input."""
    if isinstance(widget, CHECKS):
        return "form-check-input"
    if isinstance(widget, Select):
        return "form-select"
    if isinstance(widget, HiddenInput):
        return ""
    return "form-control"


class TablerField(BoundField):
    """A field that knows Tabler's classes, and marks what was refused."""

    @property
    def is_check(self) -> bool:
        """Whether it is one box with its label beside it."""
        return isinstance(self.field.widget, CheckboxInput)

    @property
    def is_choice_list(self) -> bool:
        """Whether it is a group of boxes or buttons: a fieldset with a legend."""
        return isinstance(self.field.widget, (RadioSelect, CheckboxSelectMultiple))

    @property
    def is_file(self) -> bool:
        """Whether a file is chosen here: the form must be sent as multipart."""
        return isinstance(self.field.widget, FileInput)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        """Add the input's class, on each choice of a group too; `is-invalid` when its value was refused."""
        shown = widget or self.field.widget
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        classes = [built.get("class", ""), str(shown.attrs.get("class", "")), css_class_of(shown)]
        if self.form.is_bound and self.errors:
            classes.append("is-invalid")
        if joined := " ".join(name for name in classes if name):
            built["class"] = joined
        return built


class TablerRenderer(TemplatesSetting):
    """Draws forms with the templates in `templates/web/forms/`."""

    form_template_name = "web/forms/form.html"
    formset_template_name = "web/forms/formset.html"
    field_template_name = "web/forms/field.html"
    bound_field_class = TablerField
