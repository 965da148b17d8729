"""Names kept in Chinese and in English, told in the language of the reader."""

from typing import Any

from django.utils.translation import get_language


def chosen(zh: str, en: str) -> str:
    """Return the text in the active language, or the other one where that is missing."""
    wanted, other = (en, zh) if (get_language() or "").startswith("en") else (zh, en)
    return wanted or other


class Bilingual:
    """For a model with `name_zh` and `name_en`: `name` is the one of the active language."""

    name_zh: Any
    name_en: Any

    @property
    def name(self) -> str:
        return chosen(self.name_zh, self.name_en)

    def __str__(self) -> str:
        return self.name
