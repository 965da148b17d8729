"""What things found by their words have in common."""

import re
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual
from labs.catalogue import rules
from labs.catalogue.fields import DerivedTextField


class Bigrams(models.Func):
    """Every pair of neighbours of a text; see Note [Search words]."""

    function = "gongheng_bigrams"
    arity = 1


def search_columns() -> models.GeneratedField:
    """Return the column of bigrams, which PostgreSQL keeps in step with `search_text`."""
    return models.GeneratedField(
        expression=Bigrams(F("search_text")), output_field=ArrayField(models.TextField()), db_persist=True
    )


def non_negative(*fields: str, name: str) -> models.CheckConstraint:
    """Return the constraint that none of the columns is below zero."""
    return models.CheckConstraint(condition=Q(**{f"{field}__gte": 0 for field in fields}), name=name)


class Searchable(Bilingual, models.Model):
    """Something found by its words; see Note [Search words]."""

    code = models.CharField(_("code"), max_length=40)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    keywords = models.CharField(_("other words it is found by"), max_length=300, blank=True)
    name_pinyin = DerivedTextField(derive="_name_pinyin")
    search_text = DerivedTextField(derive="_search_text")
    search_bigrams = search_columns()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "name_pinyin", "search_text"}
        super().save(*args, **kwargs)

    def _name_pinyin(self) -> str:
        return rules.sort_key(self.name_zh or self.name_en)

    def _search_text(self) -> str:
        words = re.split(r"[\s,;、，；]+", self.keywords) if self.keywords else ()
        return rules.search_text([self.name_zh, self.name_en, *words], [self.code])
