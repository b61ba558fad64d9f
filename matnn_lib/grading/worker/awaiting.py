"""Finish what a cell awaits at its top level, as a kernel would, where no socket may be made."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import cache
from typing import Any


def finish(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run a coroutine to its end, in one loop for the whole notebook."""
    _loop().run_until_complete(coroutine)


@cache
def _loop() -> Any:
    # Imported by the few notebooks that need it.
    import asyncio

    class Loop(asyncio.SelectorEventLoop):
        """A loop that no other thread can wake, as there is none: that would take sockets."""

        def _make_self_pipe(self) -> None:
            self._ssock = self._csock = None

        def _close_self_pipe(self) -> None:
            pass

    loop = Loop()
    asyncio.set_event_loop(loop)
    return loop
