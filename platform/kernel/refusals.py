"""
What the platform anticipates and declines.

A refusal is part of an operation's signature: shown to the person in their language, answered by the API with its
code, never logged as a fault. Whatever is not a refusal is a fault and rises.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):  # noqa: N818 -- a refusal is not an error
    """
    An anticipated no: a code for machines, a sentence for people, the facts in both.

    Subclasses set `code`, `message` (translatable, with `{fact}` places), `cure` (likewise: what would make it pass),
    `otherwise` (likewise: what to do where a fact of the cure is not known) and, where it is not 409, `status`.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str | Promise] = _("That cannot be done.")
    cure: ClassVar[str | Promise] = ""
    otherwise: ClassVar[str | Promise] = ""
    status: ClassVar[int] = 409

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts

    def __str__(self) -> str:
        return str(self.message).format_map(_Told(self.facts))

    @property
    def remedy(self) -> str:
        """What would make it pass, for a person, or what else to do; empty where nothing would."""
        known = {name: fact for name, fact in self.facts.items() if fact not in (None, "")}
        try:
            return str(self.cure).format_map(known)
        except KeyError:
            return str(self.otherwise)


class _Told(dict[str, Any]):
    """Facts by name; a fact nobody gave shows its name, so that a sentence never fails."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


class Refusals(Refusal):
    """Several refusals of one request, in the order of the rules; shown all at once."""

    code = "refused"

    def __init__(self, refusals: list[Refusal], **facts: Any) -> None:
        super().__init__(**facts)
        self.refusals = refusals
        self.code = refusals[0].code  # type: ignore[misc]  # the first failing rule names the whole
        self.status = refusals[0].status  # type: ignore[misc]  # likewise

    def __str__(self) -> str:
        return " ".join(str(refusal) for refusal in self.refusals)

    @property
    def remedy(self) -> str:
        """What would make all of them pass, in the order of the rules."""
        return " ".join(refusal.remedy for refusal in self.refusals if refusal.remedy)


class Busy(Refusal):
    """The rows were held by others for longer than the bounded wait (BK-17); the same request may be sent again."""

    code = "busy"
    message = _("Many people are booking this right now. Please try again.")
    status = 503


LOCK_NOT_AVAILABLE = "55P03"


def violated(error: DatabaseError) -> str:
    """Return the name of the constraint an error speaks of, or an empty text; triggers name theirs too."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


@contextmanager
def refusing(**refusals: Refusal | type[Refusal]) -> Iterator[None]:
    """
    Turn a violated constraint into the refusal it means, by the constraint's name, inside a savepoint.

    Raises:
        Refusal: the one given for the violated constraint; any other violation rises as it is.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        refusal = refusals.get(violated(error))
        if refusal is None:
            raise
        raise refusal from error


@contextmanager
def bounded_wait() -> Iterator[None]:
    """
    Turn a lock that did not come in time into a refusal; the wait is the connection's `lock_timeout`.

    Raises:
        Busy: other transactions held the rows for too long.
    """
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise Busy from error
        raise
