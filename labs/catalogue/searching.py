"""
How the catalogue is searched: by words, pinyin, codes, models and numbers of standards. See Note [Search words].

An instrument is found by its own words, and by the services it is used for; a service by its own words and by the
numbers of its standards. All words must be found. What is meant exactly comes first: a code, a model or the number of
a standard; then names that begin so; then the most alike.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest

from kernel.planning import planned_for_what_is_asked
from labs.catalogue import rules
from labs.catalogue.models import Instrument, Offering, Parameter, Standard

type Keys = QuerySet[Any, Any]

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
    return _ranked(found, _instrument_keys(words, text), Alike(words).instruments(), words, text, own="")


def offerings(found: QuerySet[Offering], text: str) -> QuerySet[Offering]:
    """Return the rentals and services found by a text, the best first; rentals are found as their instruments are."""
    words = words_of(text)
    if not words:
        return found.order_by("name_pinyin", "pk")
    rentals = Offering.objects.filter(instrument__in=_instrument_keys(words, text)).values("pk")
    keys = rentals.union(_service_keys(words, text))
    return _ranked(found, keys, Alike(words).offerings(), words, text, own="instrument__")


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


def instrument_keys_by_parameter(text: str) -> Keys:
    """Return the keys of instruments that measure a parameter of that name, are used to test it, or have the word."""
    named = Q(name_zh__icontains=text) | Q(name_en__icontains=text)
    services = Offering.objects.published().filter(pk__in=_services_of_parameter(text))
    return (
        Instrument.objects.filter(has_words(words_of(text)))
        .values("pk")
        .union(
            Parameter.objects.filter(named).values("instrument_id"),
            Offering.instruments.through.objects.filter(offering__in=services).values("instrument_id"),
        )
    )


def offering_keys_by_parameter(text: str) -> Keys:
    """Return the keys of services of a parameter, and of the rentals of instruments that measure it."""
    rentals = Offering.objects.filter(instrument__in=instrument_keys_by_parameter(text)).values("pk")
    return rentals.union(_services_of_parameter(text))


def _services_of_parameter(text: str) -> Keys:
    services = Offering.objects.services()
    stated = services.filter(Q(parameter_zh__icontains=text) | Q(parameter_en__icontains=text)).values("pk")
    return services.filter(has_words(words_of(text))).values("pk").union(stated)


class Alike:
    """What has a name written nearly as the words are: for when nothing is written just so."""

    def __init__(self, words: list[str]) -> None:
        whole = " ".join(words)
        self.named = Q(name_zh__trigram_word_similar=whole) | Q(name_en__trigram_word_similar=whole)

    def instruments(self) -> Keys:
        """Return the keys of such instruments."""
        return Instrument.objects.filter(self.named).values("pk")

    def offerings(self) -> Keys:
        """Return the keys of such services, and of the rentals of such instruments."""
        services = Offering.objects.services().filter(self.named).values("pk")
        return services.union(Offering.objects.filter(instrument__in=self.instruments()).values("pk"))


def _service_keys(words: list[str], text: str) -> Keys:
    """Return the keys of services with the words, or by a standard of that number; each part by its own index."""
    named = Offering.objects.services().filter(has_words(words)).values("pk")
    standards = standards_like(text)
    if standards is None:
        return named
    return named.union(Offering.standards.through.objects.filter(standard__in=standards).values("offering_id"))


def _instrument_keys(words: list[str], text: str) -> Keys:
    """Return the keys of instruments with the words, or used for a service that is found by the text."""
    named = Instrument.objects.filter(has_words(words)).values("pk")
    services = Offering.objects.published().filter(pk__in=_service_keys(words, text))
    return named.union(Offering.instruments.through.objects.filter(offering__in=services).values("instrument_id"))


def _ranked(found: QuerySet[Any], keys: Keys, alike: Keys, words: list[str], text: str, *, own: str) -> QuerySet[Any]:
    """
    Return what has the keys, ranked; where nothing has, what is written alike (one statement asks whether any has).

    `own` is the path from a row to its instrument: nothing for instruments, `instrument__` for offerings.
    """
    whole = " ".join(words)
    matched = found.filter(pk__in=keys)
    if len(whole) > 3:
        with planned_for_what_is_asked():
            is_written_so = matched.exists()
        matched = matched if is_written_so else found.filter(pk__in=alike)
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
        likeness=Greatest(TrigramSimilarity("name_zh", whole), TrigramSimilarity("name_en", whole)),
    ).order_by("rank", "-likeness", "name_pinyin", "pk")
    return ranked


def _uses(standards: QuerySet[Standard], own: str) -> Q:
    """Return the condition that a row's service, or a service of its instrument, is by one of the standards."""
    by_standard = Offering.objects.filter(standards__in=standards)
    key = "instrument_id" if own else "pk"
    of_instrument = Exists(by_standard.filter(instruments=OuterRef(key)))
    return Q(of_instrument) | Q(Exists(by_standard.filter(pk=OuterRef("pk")))) if own else Q(of_instrument)
