"""What happened to the books by people's hands, and what their check found."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingProposed(Event):
    """Somebody proposes to post by hand: `reason` says why."""

    posting_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingApproved(Event):
    """A second person let a posting by hand into the books."""

    posting_id: int
    entry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingDeclined(Event):
    """A second person declined a posting by hand: `reason` says why."""

    posting_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksFoundWrong(Event):
    """The check of the books found what must never be: the names of the invariants that do not hold."""

    broken: tuple[str, ...]
