"""One function over a grid of parameters, here or on whatever runs things elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from matnn_lib._validation import as_integer

Point = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of one point of a sweep: `value`, or the `error` in one line."""

    point: Point
    value: Any = None
    error: str | None = None


def sweep(
    function: Callable[..., Any],
    grid: Mapping[str, Iterable[Any]] | Iterable[Point],
    executor: Executor | None = None,
    progress: bool = True,
    *,
    seed: int = 0,
) -> list[Outcome]:
    """Call `function` at every point of `grid` and return the outcomes in the grid's order.

    Each call is ``function(**point, rng=rng)`` with a generator of its own, made from
    ``SeedSequence(seed).spawn``: on one machine the values are equal bit for bit whatever runs
    the calls, and in whatever order. A call that fails is reported with its parameters and ends
    no other. (A worker process that dies breaks its pool: what was not finished is reported.)
    Ctrl-C ends the sweep and cancels the calls that have not begun.

    Parameters
    ----------
    function : callable
        Takes the names of `grid`, and `rng`. For an executor of other processes it must be
        importable there (defined in a module).
    grid : mapping of name to values, or iterable of points
        A mapping stands for all combinations, the last name varying fastest.
    executor : concurrent.futures.Executor, optional
        Or what has its ``submit``. None runs the calls here, one after another;
        ``ProcessPoolExecutor()`` uses the cores.
    progress : bool
        Show a progress bar on standard error.
    seed : int
        From which every call's generator is derived.

    Returns
    -------
    list of Outcome
        With `point`, `value`, and `error` (None if the call succeeded).

    Raises
    ------
    TypeError, ValueError
        If `grid` is not of one of the two forms, is empty or names ``rng``, `function` is none,
        `executor` can't be submitted to, or `seed` is not an integer of at least 0.

    Examples
    --------
    >>> [o.value for o in sweep(lambda a, b, rng: a * b, {"a": [1, 2], "b": [10, 20]},
    ...                         progress=False)]
    [10, 20, 20, 40]
    """
    if not callable(function):
        raise TypeError(f"function must be a function, but it is {function!r:.60}")
    if isinstance(executor, type) or (executor is not None and not hasattr(executor, "submit")):
        raise TypeError(
            f"executor must be a concurrent.futures.Executor or None, but it is {executor!r:.60}"
        )
    points = _points(grid)
    seeds = np.random.SeedSequence(as_integer("seed", seed, minimum=0)).spawn(len(points))
    tasks = list(zip(points, seeds, strict=True))
    with tqdm(total=len(tasks), disable=not progress, unit="run") as bar:
        if executor is not None:
            return _submit(executor, function, tasks, bar)
        outcomes = []
        for point, child in tasks:
            outcomes.append(_call(function, point, child))
            bar.update()
        return outcomes


def failures(outcomes: Sequence[Outcome]) -> str:
    """Return one line for each outcome that failed, with its parameters; "" if none did."""
    return "\n".join(f"{o.point}: {o.error}" for o in outcomes if o.error is not None)


def _submit(
    executor: Executor,
    function: Callable[..., Any],
    tasks: Sequence[tuple[Point, np.random.SeedSequence]],
    bar: tqdm,
) -> list[Outcome]:
    submitted: list[Future[Outcome] | Outcome] = []
    try:
        for point, child in tasks:
            try:
                submitted.append(executor.submit(_call, function, point, child))
            except RuntimeError as error:  # the pool broke or was shut down meanwhile
                submitted.append(Outcome(point, error=_line(error)))
                bar.update()
        for _ in as_completed([task for task in submitted if not isinstance(task, Outcome)]):
            bar.update()
        return [
            task if isinstance(task, Outcome) else _collect(task, point)
            for task, (point, _) in zip(submitted, tasks, strict=True)
        ]
    except KeyboardInterrupt:
        for task in submitted:
            if not isinstance(task, Outcome):
                task.cancel()
        raise


def _collect(future: Future[Outcome], point: Point) -> Outcome:
    try:
        return future.result()
    except Exception as error:  # it could not be sent, or its worker died
        return Outcome(point, error=_line(error))


def _call(function: Callable[..., Any], point: Point, seed: np.random.SeedSequence) -> Outcome:
    try:
        return Outcome(point, function(**point, rng=np.random.default_rng(seed)))
    except (Exception, SystemExit) as error:
        return Outcome(point, error=_line(error))


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _points(grid: Mapping[str, Iterable[Any]] | Iterable[Point]) -> list[Point]:
    if isinstance(grid, Mapping):
        axes = {name: _values(name, values) for name, values in grid.items()}
        points = [
            dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())
        ]
        points = points if axes else []
    else:
        try:
            points = [dict(point) for point in grid]
        except (TypeError, ValueError):
            raise TypeError(
                "grid must be a mapping of names to values or a list of points (mappings), "
                f"but it is {grid!r:.60}"
            ) from None
    if not points:
        raise ValueError("grid must hold at least one point, but it is empty")
    for name in {name for point in points for name in point}:
        if not isinstance(name, str):
            raise TypeError(f"grid must name its parameters by strings, but one is {name!r:.60}")
        if name == "rng":
            raise ValueError("grid must not name rng, which every call is given, but it does")
    return points


def _values(name: object, values: Iterable[Any]) -> list[Any]:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"grid must map {name!r} to a list of values, but it is {values!r:.60}")
    return list(values)
