"""
How the catalogue is searched: by words, pinyin, codes, models and numbers of standards. See Note [Search words].

An instrument is found by its own words, and by the services it is used for; a service by its own words and by the
numbers of its standards. All words must be found. What is meant exactly comes first: a code, a model or the number of
a standard; then names that begin so; then the most alike.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from labs.catalogue import rules
from labs.catalogue.models import Instrument, Offering, Standard

LONGEST = 100
MOST_WORDS = 8


def words_of(text: str) -> list[str]:
    """Return the words that a search is for, in their normal form."""
    return list(dict.fromkeys(rules.normalised(text[:LONGEST]).split(" ")))[:MOST_WORDS] if text.strip() else []


def instruments(found: QuerySet[Instrument], text: str) -> QuerySet[Instrument]:
    """Return the instruments found by a text, the best first; a text without words finds all, by name."""
    words = words_of(text)
    if not words:
        return found.order_by("name_pinyin", "pk")
    return _ranked(found, Q(pk__in=_instrument_keys(words, text)), words, text, own="")


def offerings(found: QuerySet[Offering], text: str) -> QuerySet[Offering]:
    """Return the rentals and services found by a text, the best first; rentals are found as their instruments are."""
    words = words_of(text)
    if not words:
        return found.order_by("name_pinyin", "pk")
    rentals = Q(kind=Offering.Kind.RENTAL, instrument__in=_instrument_keys(words, text))
    services = ~Q(kind=Offering.Kind.RENTAL) & _service_match(words, text)
    return _ranked(found, rentals | services, words, text, own="instrument__")


def has_words(words: Iterable[str], path: str = "") -> Q:
    """Return the condition that a row's text holds all the words: the index of bigrams finds, the text decides."""
    condition = Q()
    for word in words:
        if len(word) > 1:
            condition &= Q(**{f"{path}search_bigrams__contains": rules.bigrams(word)})
        condition &= Q(**{f"{path}search_text__contains": word})
    return condition


def standards_like(text: str) -> QuerySet[Standard] | None:
    """Return the standards whose number holds the text, however it is written; None where it cannot be a number."""
    key = rules.standard_key(text[:LONGEST])
    if len(key) < 3 or not any(character.isdigit() for character in key):
        return None
    return Standard.objects.filter(number_key__contains=key)


def _service_match(words: list[str], text: str) -> Q:
    match = has_words(words)
    standards = standards_like(text)
    if standards is not None:
        used = Offering.standards.through.objects.filter(standard__in=standards)
        match |= Q(pk__in=used.values("offering_id"))
    return match


def _instrument_keys(words: list[str], text: str) -> QuerySet[Any, Any]:
    """Return the keys of instruments with the words, or used for a service that is found by the text."""
    services = Offering.objects.published().services().filter(_service_match(words, text))
    used = Offering.instruments.through.objects.filter(offering__in=services)
    return Instrument.objects.filter(has_words(words) | Q(pk__in=used.values("instrument_id"))).values("pk")


def _ranked(found: QuerySet[Any], match: Q, words: list[str], text: str, *, own: str) -> QuerySet[Any]:
    """
    Return what matches, ranked; where nothing does, what is written alike (one statement asks whether anything does).

    `own` is the path from a row to its instrument: nothing for instruments, `instrument__` for offerings.
    """
    whole = " ".join(words)
    search_text: Any = Coalesce(f"{own}search_text", "search_text") if own else F("search_text")
    matched = found.filter(match)
    if len(whole) > 3 and not matched.exists():
        alike = Q(search_text__trigram_word_similar=whole)
        if own:
            alike |= Q(**{f"{own}search_text__trigram_word_similar": whole})
        matched = found.filter(alike)
    exact = Q(code__iexact=whole) | Q(**{f"{own}code__iexact": whole}) | Q(**{f"{own}model__iexact": whole})
    begins = Q(name_zh__istartswith=whole) | Q(name_en__istartswith=whole)
    cases = [When(exact, then=Value(0)), When(begins, then=Value(2)), When(has_words(words, own), then=Value(3))]
    if own:
        cases.append(When(has_words(words), then=Value(3)))
    standards = standards_like(text)
    if standards is not None:
        meant = standards.filter(number_key=rules.standard_key(text))
        cases.insert(1, When(_uses(meant, own), then=Value(1)))
    ranked: QuerySet[Any] = matched.annotate(
        rank=Case(*cases, default=Value(4), output_field=IntegerField()),
        likeness=TrigramWordSimilarity(whole, search_text),
    ).order_by("rank", "-likeness", "name_pinyin", "pk")
    return ranked


def _uses(standards: QuerySet[Standard], own: str) -> Q:
    """Return the condition that a row's service, or a service of its instrument, is by one of the standards."""
    by_standard = Offering.objects.filter(standards__in=standards)
    key = "instrument_id" if own else "pk"
    of_instrument = Exists(by_standard.filter(instruments=OuterRef(key)))
    return Q(of_instrument) | Q(Exists(by_standard.filter(pk=OuterRef("pk")))) if own else Q(of_instrument)
