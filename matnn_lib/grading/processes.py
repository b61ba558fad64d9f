"""Processes of the grader's own: fresh ones, ended in good order when the run is interrupted."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give an executor whose processes know nothing of this one, as none is forked from it."""
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_obey)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _obey() -> None:
    """Leave Ctrl-C to the parent, and end in good order when it says so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def apart(module: str, function: str, *arguments: Any) -> Any:
    """Call a function in a process of its own, so that what it imports is gone with it."""
    with pool(1) as executor:
        return executor.submit(_call, module, function, arguments).result()


def _call(module: str, function: str, arguments: tuple[Any, ...]) -> Any:
    return getattr(__import__(module, fromlist=[function]), function)(*arguments)


def results(
    executor: Executor, function: Callable[[Item], Result], items: Iterable[Item], at_once: int
) -> Iterator[Result]:
    """Yield results as they come, with at most `at_once` items on their way.

    Items are taken only when there is room for them, so that a long list is never in memory.
    """
    source = iter(items)
    waiting: set[Future[Result]] = {
        executor.submit(function, item) for item in islice(source, at_once)
    }
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()
        waiting |= {executor.submit(function, item) for item in islice(source, len(done))}
