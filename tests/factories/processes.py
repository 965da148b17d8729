"""Acts that happen at once, each in a process of its own: nothing is shared but the database."""

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

CONTEXT = multiprocessing.get_context("fork")
PATIENCE_SECONDS = 120


def in_processes(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """
    Start the acts together, each in a fork of this process with a connection of its own, and return their answers.

    An answer must be picklable; an exception is answered as (its class's name, its text).
    """
    connections.close_all()  # a child that inherits an open connection would end the parent's
    ready, answers = CONTEXT.Barrier(len(acts)), CONTEXT.SimpleQueue()

    def run(place: int, act: Callable[[], Any]) -> None:
        connections["default"].ensure_connection()
        ready.wait(PATIENCE_SECONDS)
        try:
            answers.put((place, act()))
        except Exception as error:
            answers.put((place, (type(error).__name__, str(error))))
        finally:
            connections.close_all()

    children = [CONTEXT.Process(target=run, args=(place, act), daemon=True) for place, act in enumerate(acts)]
    for child in children:
        child.start()
    found = dict(answers.get() for _ in children)
    for child in children:
        child.join(PATIENCE_SECONDS)
    return [found[place] for place in range(len(acts))]
