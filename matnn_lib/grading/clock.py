"""A limit of time for what runs in this process, be it one long computation or many short ones."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class OutOfTimeError(BaseException):
    """The time is over; no `except Exception` on the way takes it for an error of its own."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTimeError` in what is done inside as soon as `seconds` have passed.

    Signals reach only a process's main thread, so in any other nothing is limited.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, end)
    # Again every second: what a destructor raises is lost.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
