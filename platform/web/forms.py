"""Forms as Tabler draws them: every Django form, without a word about looks in the forms themselves."""

from collections.abc import Callable, Mapping
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
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

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


def attributes(widget: Mapping[str, Any]) -> str:
    """Write the attributes of an input or an option as Django's template does."""
    return "".join(
        f" {conditional_escape(name)}" + ("" if value is True else f'="{conditional_escape(value)}"')
        for name, value in widget["attrs"].items()
        if value is not False
    )


def drawn_input(widget: Mapping[str, Any]) -> SafeString:
    """Draw an input."""
    value = "" if widget["value"] is None else f' value="{conditional_escape(widget["value"])}"'
    named = f'type="{conditional_escape(widget["type"])}" name="{conditional_escape(widget["name"])}"'
    return mark_safe(f"<input {named}{value}{attributes(widget)}>")  # noqa: S308 -- each part is escaped


def drawn_select(widget: Mapping[str, Any]) -> SafeString:
    """Draw a select with its options."""
    lines = []
    for group, options, _ in widget["optgroups"]:
        if group:
            lines.append(f'<optgroup label="{conditional_escape(group)}">')
        lines += [
            f'<option value="{conditional_escape(each["value"])}"{attributes(each)}>'
            f"{conditional_escape(each['label'])}</option>"
            for each in options
        ]
        if group:
            lines.append("</optgroup>")
    options = "\n".join(lines)
    named = f'name="{conditional_escape(widget["name"])}"'
    return mark_safe(f"<select {named}{attributes(widget)}>\n{options}\n</select>")  # noqa: S308 -- as above


type Drawing = Callable[[Mapping[str, Any]], SafeString]
DRAWN: dict[str, Drawing] = {
    **{
        f"django/forms/widgets/{kind}.html": drawn_input
        for kind in ("text", "number", "email", "url", "date", "datetime", "time", "hidden")
    },
    "django/forms/widgets/select.html": drawn_select,
}
"""What a page has dozens of: drawn as Django's templates draw it, without a template for each option."""


class TablerRenderer(TemplatesSetting):
    """Draws forms with the templates in `templates/web/forms/`, and plain inputs without any."""

    form_template_name = "web/forms/form.html"
    formset_template_name = "web/forms/formset.html"
    field_template_name = "web/forms/field.html"
    bound_field_class = TablerField

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Draw a widget, a field or a form."""
        drawn = DRAWN.get(template_name)
        if drawn is not None:
            return drawn(context["widget"])
        rendered: str = super().render(template_name, context, request)
        return rendered
