"""Columns that follow from others of the same row."""

from collections.abc import Callable
from typing import Any

from django.db import models

from labs.catalogue import rules


class DerivedTextField(models.TextField):  # type: ignore[type-arg]  # takes none when run
    """
    A text computed from its row whenever the row is written by `save` or `bulk_create`; never set by hand.

    `derive` names the method of the model that computes it.
    """

    def __init__(self, *args: Any, derive: str = "", **kwargs: Any) -> None:
        self.derive = derive
        kwargs["editable"] = False
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"]
        return name, path, args, {**kwargs, "derive": self.derive}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        compute: Callable[[], str] = getattr(model_instance, self.derive)
        value = compute()
        setattr(model_instance, self.attname, value)
        return value


class StandardNumberField(models.CharField):  # type: ignore[type-arg]  # takes none when run
    """The number of a standard, kept and looked up in its one way of being written."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return rules.standard_number(prepared) if isinstance(prepared, str) else prepared

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = rules.standard_number(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, value)
        return value
