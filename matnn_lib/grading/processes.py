"""Processes of the grader's own: fresh ones, ended in good order when the run is interrupted."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_GRACE = 5  # seconds to close a nursery and remove its folder
_HANG_UP = (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()


@dataclass(frozen=True)
class Where:
    """What runs tasks: how to get an executor, and what it raises when it has broken."""

    executor: Callable[[], AbstractContextManager[Executor]]
    breaks: tuple[type[BaseException], ...] = (BrokenExecutor,)


@contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give an executor whose processes know nothing of this one, as none is forked from it."""
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_obey, initargs=(os.getpid(),)
    )
    others = multiprocessing.active_children()
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        ours = [process for process in multiprocessing.active_children() if process not in others]
        for process in ours:
            process.terminate()
        for process in ours:
            process.join()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _obey(parent: int) -> None:
    """Leave Ctrl-C to the parent; end in good order when it says so, at once if it is no more."""
    for number in (signal.SIGINT, *_HANG_UP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    if sys.platform == "linux":
        from matnn_lib.grading.worker.lock import end_with

        end_with(parent)


def _end(*_: object) -> None:
    """End in good order, or, if that doesn't get through, after a grace.

    An executor's process takes a `SystemExit` for its task's result. It can also wait for ever to
    return one: another process that was killed may have held the lock for that.
    """
    timer = threading.Timer(_GRACE, os._exit, (1,))
    timer.daemon = True
    timer.start()
    sys.exit(1)


@contextmanager
def interruptible() -> Iterator[None]:
    """Take the end of the terminal, or of the machine's patience, for a Ctrl-C.

    Otherwise nobody would end the processes, and remove the folders, that were made here. A signal
    that is ignored, as by ``nohup``, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        for number in before:  # what is left to do is done in peace
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, *_HANG_UP)
    before = {n: signal.getsignal(n) for n in numbers if signal.getsignal(n) != signal.SIG_IGN}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def cores(workers: int) -> Where:
    """Run tasks in this many processes of this machine."""
    return Where(partial(pool, workers))


@contextmanager
def cluster(address: str) -> Iterator[Where]:
    """Run tasks on the workers of a Dask cluster, whose scheduler is at `address`.

    Raises
    ------
    ValueError
        `dask.distributed` isn't installed, or nobody answers at `address`.
    """
    try:
        from dask.distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise ValueError("--dask needs dask.distributed: pip install distributed") from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise ValueError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        executor = client.get_executor(pure=False)
        yield Where(lambda: nullcontext(executor), (KilledWorker,))


def apart(module: str, function: str, *arguments: Any, **named: Any) -> Any:
    """Call a function in a process of its own, so that what it imports is gone with it."""
    with pool(1) as executor:
        return executor.submit(_call, module, function, arguments, named).result()


def _call(module: str, function: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return getattr(__import__(module, fromlist=[function]), function)(*arguments, **named)


def results(
    where: Where,
    function: Callable[[Item], Result],
    items: Iterable[Item],
    at_once: int,
    given_up: Callable[[Item], Result],
) -> Iterator[Result]:
    """Yield ``function(item)`` for all items as they are done, with at most `at_once` on their way.

    Items are taken only when there is room for them, so that a long list is never in memory. When
    what runs them breaks, those on their way are tried again one by one; for one that breaks it
    again by itself, ``given_up(item)`` is its result.
    """
    source = iter(items)
    while suspects := (yield from _until_it_breaks(where, function, source, at_once)):
        for suspect in suspects:
            if (yield from _until_it_breaks(where, function, iter([suspect]), 1)):
                yield given_up(suspect)


def _until_it_breaks(
    where: Where, function: Callable[[Item], Result], source: Iterator[Item], at_once: int
) -> Generator[Result, None, list[Item]]:
    """Return the items that were on their way when it broke; none when all are done."""
    with where.executor() as executor:
        waiting: dict[Future[Result], Item] = {}

        def submit(count: int) -> None:
            for item in islice(source, count):
                waiting[executor.submit(function, item)] = item

        try:
            submit(at_once)
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    result = future.result()
                    del waiting[future]
                    yield result
                submit(len(done))
        except where.breaks:
            for future in waiting:
                future.cancel()
            return list(waiting.values())
    return []
