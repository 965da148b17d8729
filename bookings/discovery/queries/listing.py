"""
The catalogue's list in its order, page by page: what the database cannot decide alone is decided for what is shown.

Note [Judged for what is shown]
    Whether an instrument is free is decided by the rules of a hold (BK-25), in Python. The database leaves out what
    cannot be free; of the rest, in order, so many are judged as a page needs, and only what passes is shown. How many
    pass in all is known once everything was judged; until then the number is "at most".

Note [Planned where it searches]
    What finds rows is planned for what it asks, at up to 13 ms for nothing where a statement asks much the same each
    time: names of facets, terms of instruments. Those keep their plan (docs/adr/0008), outside of these blocks.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, QuerySet, Window
from django.utils.functional import cached_property

from bookings.availability import queries as availability
from bookings.availability.rules import Wish
from bookings.discovery import sorting
from bookings.discovery.filters import Asking
from bookings.discovery.queries.cards import Known, next_free
from bookings.discovery.wishes import MOST_COMPARED, FreeWish, Offered
from kernel.money import Money
from kernel.periods import Period
from kernel.planning import planned_for_what_is_asked


class Judged(Sequence[Any]):
    """
    Rows that pass the rules of booking, judged as far as they are looked at; see Note [Judged for what is shown].

    `is_at_most` says that `count` is an upper bound; `is_partial`, that only the best matches were put in order.
    """

    is_partial = False

    def __init__(self, asked: Asking) -> None:
        self.asked = asked
        self.known = Known()
        self.rows: QuerySet[Any] = asked.qs
        self.key = "pk" if asked.to_instrument == "pk" else "instrument_id"

    @cached_property
    def candidates(self) -> list[tuple[int, int]]:
        """The keys of the rows and of their instruments, in order."""
        with planned_for_what_is_asked():
            return list(self.rows.values_list("pk", self.key))

    @property
    def is_at_most(self) -> bool:
        """Whether `count` may be too high."""
        return False

    @abstractmethod
    def judge(self, most: int) -> list[int]:
        """Return the keys of the first rows that pass, at most so many."""

    def reaches(self, place: int) -> bool:
        """Whether the row at a place is known to pass already."""
        del place
        return False

    def count(self) -> int:  # type: ignore[override]  # as a queryset counts
        """Return how many rows there are, or may be."""
        return len(self.candidates)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, place: Any) -> Any:
        if not isinstance(place, slice):
            raise TypeError("a judged list is read page by page")
        keys = self.judge(place.stop or len(self.candidates))[place]
        found = {row.pk: row for row in self.asked.queryset.filter(pk__in=keys)}
        return [found[key] for key in keys if key in found]


class FreeRows(Judged):
    """Rows whose instrument is free as asked, in the order of the rows, or the earliest or the cheapest first."""

    def __init__(self, asked: Asking, free: FreeWish, total: int | None) -> None:
        super().__init__(asked)
        self.free = free
        self.total = total
        self.passed: list[int] = []
        self.seen = 0
        self.is_exhausted = False

    @property
    def is_at_most(self) -> bool:
        return not self.is_exhausted

    def reaches(self, place: int) -> bool:
        return place < len(self.passed)

    def judge(self, most: int) -> list[int]:
        if self.asked.order in (sorting.EARLIEST, sorting.PRICE):
            self._compare()
        while not self.is_exhausted and len(self.passed) < most:
            lacking = most - len(self.passed)
            rows = self._next(max(MOST_COMPARED, 2 * lacking))
            found = self._free(rows, most=lacking)
            self.passed += [rows[instrument] for instrument in found]
            if len(found) == lacking:  # the rest of these rows is looked at again by whoever wants more
                self.seen -= len(rows) - 1 - list(rows).index(found[-1])
                self.is_exhausted = False
        return self.passed

    def _next(self, most: int) -> dict[int, int]:
        """Return the next rows by their instruments; remember whether they were the last, and how many there are."""
        rows = self.rows.annotate(of=F(self.key))
        with planned_for_what_is_asked():
            found = self._read(rows, most)
        self.seen += len(found)
        self.is_exhausted = len(found) < most
        return {of: pk for of, pk, *_ in found}

    def _read(self, rows: QuerySet[Any], most: int) -> list[tuple[Any, ...]]:
        if self.total is None:  # counted on the way: the same statement has to find them all
            rows = rows.annotate(total=Window(Count("pk")))
            found = list(rows.values_list("of", "pk", "total")[:most])
            self.total = found[0][2] if found else 0
        else:
            found = list(rows.values_list("of", "pk")[self.seen : self.seen + most])
        return found

    def _free(self, instruments: Iterable[int], *, most: int) -> list[int]:
        """Return the first of the instruments that are free, and remember what was told of them."""
        found = []
        for free in availability.judged(
            instruments,
            within=self.free.starting,
            minutes=self.free.minutes,
            mode=self.free.mode,
            member=self.asked.member,
            now=self.asked.now,
            most=most,
        ):
            found.append(free.instrument_id)
            self.known.terms[free.instrument_id] = free.terms
            self.known.offered[free.instrument_id] = Offered(free.start, self.free.minutes, free.mode)
        return found

    def _compare(self) -> None:
        """Judge the best matches, once, and put those that are free in the order that is asked for."""
        if self.seen:
            return
        rows = self._next(MOST_COMPARED)
        self.is_partial, self.is_exhausted = not self.is_exhausted, True
        found = self._free(rows, most=MOST_COMPARED)
        self.passed = [rows[instrument] for instrument in sorted(found, key=self._place)]

    def _place(self, instrument: int) -> datetime | Money:
        """Return by what an instrument is put in order: the time it offers, or its price, as the cards say it."""
        offered, terms = self.known.offered[instrument], self.known.terms[instrument]
        if self.asked.order == sorting.PRICE:
            return terms.price(Wish(offered.period, offered.mode)).total
        return offered.at

    def count(self) -> int:  # type: ignore[override]
        if self.is_exhausted:
            return len(self.passed)
        if self.total is None:
            with planned_for_what_is_asked():
                self.total = self.rows.order_by().count()
        return max(self.total, len(self.passed))  # what others were told a moment ago may be too low by now


class EarliestRows(Judged):
    """All rows, those whose instrument can be used soonest first; services and what is full come last."""

    @cached_property
    def ordered(self) -> list[int]:
        """The keys of all rows."""
        now, member = self.asked.now, self.asked.member
        within = Period(now, now + availability.LOOK_AHEAD)
        rentals = [pk for _, pk in self.candidates if pk is not None]
        self.is_partial = len(rentals) > MOST_COMPARED
        self.known.terms = availability.terms(rentals[:MOST_COMPARED], within=within, member=member, now=now)
        starts = {pk: next_free(terms, within, now) for pk, terms in self.known.terms.items()}
        places = {row: place for place, (row, _) in enumerate(self.candidates)}
        never = within.end
        return sorted(
            places,
            key=lambda row: (starts.get(self.candidates[places[row]][1]) or never, places[row]),
        )

    def judge(self, most: int) -> list[int]:
        return self.ordered[:most]


def listed(asked: Asking, *, total: int | None = None) -> QuerySet[Any] | Judged:
    """
    Return all that a query finds, in the order it asks for; a list that pages are cut from.

    `total` is the number of rows that the database finds, where it is known already.
    """
    if asked.free is not None:
        return FreeRows(asked, asked.free, total)
    if asked.order == sorting.EARLIEST:
        return EarliestRows(asked)
    found: QuerySet[Any] = asked.qs
    return found


class ListPaginator(Paginator):  # type: ignore[type-arg]  # takes none when run
    """
    Pages of a list, judged or not: a judged one is judged up to the page that is asked for before it is counted.

    `total` is the number of rows where it is known already, so that nothing is counted twice.
    """

    def __init__(self, object_list: Any, per_page: int, *, total: int | None = None, **kwargs: Any) -> None:
        super().__init__(object_list, per_page, **kwargs)
        if total is not None and not isinstance(object_list, Judged):
            self.__dict__["count"] = total

    def page(self, number: Any) -> Any:
        """Return a page; of a judged list, once it is known whether another follows."""
        if isinstance(self.object_list, Judged):
            self.object_list.judge(self._before(number) + int(self.per_page) + 1)
            return super().page(number)
        with planned_for_what_is_asked():
            _ = self.count  # once, here, so that it needs no block of its own
            found = super().page(number)
            found.object_list = list(found.object_list)
        return found

    def validate_number(self, number: Any) -> int:
        """Return the number of a page there is; only a page that was not looked at yet is judged for it."""
        if isinstance(self.object_list, Judged) and not self.object_list.reaches(self._before(number)):
            self.object_list.judge(self._before(number) + int(self.per_page) + 1)
        if isinstance(self.object_list, Judged) or "count" in self.__dict__:
            return super().validate_number(number)
        with planned_for_what_is_asked():  # it has to be counted
            return super().validate_number(number)

    def _before(self, number: Any) -> int:
        asked = int(number) if str(number).isdecimal() and len(str(number)) < 6 else 1
        return (asked - 1) * int(self.per_page)

    @property
    def is_at_most(self) -> bool:
        """Whether fewer rows than `count` may pass."""
        return isinstance(self.object_list, Judged) and self.object_list.is_at_most

    @property
    def known(self) -> Known:
        """What judging the list has told of its instruments."""
        return self.object_list.known if isinstance(self.object_list, Judged) else Known()

    @property
    def is_partial(self) -> bool:
        """Whether only the best matches were put in the order asked for."""
        return isinstance(self.object_list, Judged) and self.object_list.is_partial
