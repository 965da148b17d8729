"""What many ask for at the same moment is looked up once."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock

MOST_KEPT = 256


class Recent[Found]:
    """
    Answers of the last moment, kept in this process for `keep`, so that a crowd does not repeat one question.

    For what is shown as a suggestion and judged again when it is used: an answer may be as old as `keep`. The first of
    several who ask at once looks it up, the others wait for that answer. Safe between threads.
    """

    def __init__(self, *, keep: timedelta) -> None:
        self.keep = keep
        self._answers: dict[Hashable, tuple[datetime, Found]] = {}
        self._asking: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def ask(self, key: Hashable, look_up: Callable[[], Found], *, now: datetime) -> Found:
        """Return the kept answer of that key, or look it up and keep it; what `look_up` raises is not kept."""
        with self._lock:
            turn = self._asking.setdefault(key, Lock())
        with turn:
            asked_at, found = self._answers.get(key, (None, None))
            if asked_at is not None and abs(now - asked_at) < self.keep:
                return found  # type: ignore[return-value]  # what was kept under a time is an answer
            answer = look_up()
            with self._lock:
                if len(self._answers) >= MOST_KEPT:
                    self._forget()
                self._answers[key] = (now, answer)
            return answer

    def clear(self) -> None:
        """Forget every answer."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._answers.clear()
        self._asking.clear()
