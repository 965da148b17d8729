"""Plain inputs are drawn without a template each, exactly as Django's templates draw them."""

import re

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe

from web.forms import TablerRenderer

CHOICES = [
    ("", "任意"),
    ("a", "A < B"),
    ("b&", mark_safe("<b>B</b>")),
    ('组"', [("g1", "G1"), ("g2", "G2")]),
    (3, "three"),
]
WIDGETS = [
    forms.TextInput(attrs={"title": 'a"<b>', "required": True, "disabled": False, "maxlength": 5}),
    forms.NumberInput(attrs={"min": 0}),
    forms.DateInput(attrs={"type": "date"}),
    forms.DateTimeInput(),
    forms.EmailInput(),
    forms.URLInput(),
    forms.HiddenInput(),
    forms.Select(choices=CHOICES),
    forms.SelectMultiple(choices=CHOICES),
    forms.NullBooleanSelect(),
]


def drawn(renderer: TemplatesSetting, widget: forms.Widget, value: object) -> str:
    context = widget.get_context("名&", value, {"id": "x", "class": "form-control"})
    return re.sub(r"\s+", " ", str(renderer.render(str(widget.template_name), context)))


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", [None, "", 0, 'x"<&', "b&", "g2", 3, mark_safe("<i>"), True])
def test_an_input_is_drawn_as_its_template_would_draw_it(widget: forms.Widget, value: object) -> None:
    assert drawn(TablerRenderer(), widget, value) == drawn(TemplatesSetting(), widget, value)
