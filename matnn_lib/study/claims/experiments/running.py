"""Run a program and say how it ends."""

from __future__ import annotations

import contextlib
import io
from typing import Any, NamedTuple

import numpy as np


class Ending(NamedTuple):
    """How a program ends: the name of the `error` that ends it, if any, and what it found.

    `gains` are what ``gain_before`` and ``gain_after`` stand for at its end, if they are numbers.
    """

    error: str | None
    gains: tuple[float, float] | None


def run(program: str, seed: int) -> Ending:
    """Run `program` here, with `seed` for NumPy's global generator, which then goes on as before.

    It is the caller's own program: nothing guards against what it does, or ends it.
    """
    if not isinstance(program, str):
        raise TypeError(f"program must be its text, but it is {program!r:.60}")
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(program, "program", "exec"), names)
    except SystemExit as error:
        if error.code:
            return Ending("SystemExit", None)
    except Exception as error:
        return Ending(type(error).__name__, None)
    finally:
        np.random.set_state(state)  # noqa: NPY002
    try:
        return Ending(None, (float(names["gain_before"]), float(names["gain_after"])))
    except (KeyError, TypeError, ValueError):
        return Ending(None, None)
