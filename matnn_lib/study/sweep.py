"""One function over a grid of parameters, here or on whatever runs things elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
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
    no other.

    Parameters
    ----------
    function : callable
        For an executor of other processes it must be importable there (defined in a module).
    grid : mapping of name to values, or iterable of points
        A mapping stands for all combinations, the last name varying fastest.
    executor : concurrent.futures.Executor, optional
        None runs the calls here, one after another; ``ProcessPoolExecutor()`` uses the cores.
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
        If `grid` is not of one of the two forms, is empty, or `seed` is not an integer >= 0.

    Examples
    --------
    >>> [o.value for o in sweep(lambda a, b, rng: a * b, {"a": [1, 2], "b": [10, 20]},
    ...                         progress=False)]
    [10, 20, 20, 40]
    """
    points = _points(grid)
    seeds = np.random.SeedSequence(as_integer("seed", seed, minimum=0)).spawn(len(points))
    bar = tqdm(total=len(points), disable=not progress, unit="run")
    with bar:
        if executor is None:
            outcomes = []
            for point, child in zip(points, seeds, strict=True):
                outcomes.append(_call(function, point, child))
                bar.update()
            return outcomes
        return _submit(executor, function, points, seeds, bar)


def failures(outcomes: Sequence[Outcome]) -> str:
    """Return one line for each outcome that failed, with its parameters; "" if none did."""
    return "\n".join(f"{o.point}: {o.error}" for o in outcomes if o.error is not None)


def _submit(
    executor: Executor,
    function: Callable[..., Any],
    points: list[Point],
    seeds: list[np.random.SeedSequence],
    bar: tqdm,
) -> list[Outcome]:
    futures: list[Future[Outcome]] = []
    rejected: dict[int, Outcome] = {}
    for index, (point, child) in enumerate(zip(points, seeds, strict=True)):
        try:
            futures.append(executor.submit(_call, function, point, child))
        except RuntimeError as error:  # the pool broke or was shut down meanwhile
            futures.append(Future())
            futures[-1].cancel()
            rejected[index] = Outcome(point, error=_line(error))
    try:
        for _ in as_completed([f for i, f in enumerate(futures) if i not in rejected]):
            bar.update()
    except KeyboardInterrupt:
        for future in futures:
            future.cancel()
        raise
    return [
        rejected.get(index) or _collect(future, point)
        for index, (future, point) in enumerate(zip(futures, points, strict=True))
    ]


def _collect(future: Future[Outcome], point: Point) -> Outcome:
    try:
        return future.result()
    except (Exception, CancelledError) as error:  # it could not be sent, or its worker died
        return Outcome(point, error=_line(error))


def _call(function: Callable[..., Any], point: Point, seed: np.random.SeedSequence) -> Outcome:
    try:
        return Outcome(point, function(**point, rng=np.random.default_rng(seed)))
    except Exception as error:
        return Outcome(point, error=_line(error))


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _points(grid: Mapping[str, Iterable[Any]] | Iterable[Point]) -> list[Point]:
    if isinstance(grid, Mapping):
        try:
            axes = {str(name): list(values) for name, values in grid.items()}
        except TypeError:
            raise TypeError("grid must map each name to a list of values") from None
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
                f"but it is {type(grid).__name__}"
            ) from None
    if not points:
        raise ValueError("grid must hold at least one point, but it is empty")
    return points
