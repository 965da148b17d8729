"""What the forms of the desk have in common: the mark of what they showed, groups of fields, rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.utils.text import capfirst

from labs.catalogue.editing import changes
from labs.desk import wording


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together under a heading."""

    title: str
    fields: list[forms.BoundField]


@dataclass(frozen=True, slots=True)
class Both:
    """A field that two people wrote: as it is now, and as this person wrote it."""

    label: str
    now: str
    yours: str


class EditForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no parameter when the program runs
    """
    A thing's fields as they are written; what is written goes to an operation, never to the row.

    `seen` carries the mark of what was shown: see Note [Written over].
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    GROUPS: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name not in self.declared_fields:
                field.label = wording.label(self._meta.model, name)
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 3
                field.widget.attrs.pop("cols", None)

    def said(self) -> dict[str, Any]:
        """Return what was written, as the operation takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def groups(self) -> list[Group]:
        """Return the fields under their headings; a heading without fields is left out."""
        groups = [
            Group(str(title), [self[name] for name in names if name in self.fields]) for title, names in self.GROUPS
        ]
        return [group for group in groups if group.fields]

    def carry(self, mark: str) -> None:
        """Let the next attempt follow what is shown now."""
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        self.data[self.add_prefix("seen")] = mark  # type: ignore[index]  # likewise


def both(form: forms.Form | EditForm, model: type[Model], now: Mapping[str, Any]) -> list[Both]:
    """Return the fields in which what is there now differs from what a person wrote."""
    written = changes.plain({name: changes.told(value) for name, value in form.cleaned_data.items() if name in now})
    return [
        Both(
            wording.label(model, name),
            wording.value(model, name, now[name]),
            wording.value(model, name, written[name]),
        )
        for name in written
        if written[name] != now[name]
    ]


class Rows(forms.BaseFormSet):  # type: ignore[type-arg]  # takes no parameter when the program runs
    """Rows that a person fills in, changes, empties or ticks to be taken out; an emptied row is no row."""

    def initial_form_count(self) -> int:
        """Count no row that was sent as one that must be there: what they say is written anew."""
        return 0 if self.is_bound else super().initial_form_count()

    def kept(self) -> list[Any]:
        """Return the forms of the rows that are filled in, right, and to be kept."""
        return [
            form
            for form in self.forms
            if form.has_changed() and form.is_valid() and not form.cleaned_data.get("DELETE")
        ]


def rows(form: type[forms.Form], *, most: int, spare: int = 1) -> Any:
    """Return the formset of a kind of row."""
    return forms.formset_factory(
        form, formset=Rows, extra=spare, max_num=most, absolute_max=most, validate_max=True, can_delete=True
    )


def with_a_row_more(data: Any, prefix: str, most: int) -> Any:
    """Return what was sent, with one more empty row: what the button "another row" asks for."""
    more = data.copy()
    sent = str(more.get(f"{prefix}-TOTAL_FORMS", ""))
    more[f"{prefix}-TOTAL_FORMS"] = str(min(most, (int(sent) if sent.isdecimal() and len(sent) < 4 else 0) + 1))
    return more


def labelled(pairs: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Return choices with their labels capitalised."""
    return [(code, str(capfirst(label))) for code, label in pairs]
