"""Is an answer right? Shape first, then what kind of thing it is, then every entry.

The comparison never trusts the answer's own operators: what the learner gives is turned into
plain numbers, arrays of numbers, strings, or tuples of these (`plain`) before anything is computed
with it, and a right entry is one whose error *is* within the tolerance, so that NaN never passes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# What an answer becomes; a tuple holds the same again.
Plain = NDArray[Any] | str | tuple[Any, ...]


class NotAnAnswerError(TypeError):
    """The answer is a kind of thing that no exercise asks for; the message says which."""


def is_blank(answer: object) -> bool:
    """Return whether `answer` is what the untouched stub gives: None or ``...``."""
    return answer is None or answer is Ellipsis


def plain(answer: object) -> Plain:
    """Return `answer` as an array (also for a number), a string, or a tuple of these.

    Lists of numbers are arrays; ragged lists, and lists or tuples of arrays of different shapes,
    are tuples. A tuple stays a tuple unless an array is expected (`why_wrong` sees to that).

    Raises
    ------
    NotAnAnswerError
        Anything else: None, a function, a dictionary, an array of objects.
    """
    if isinstance(answer, str):
        return str(answer)
    if isinstance(answer, tuple):
        return tuple(plain(item) for item in answer)
    if isinstance(answer, list):
        try:
            array = np.array(answer)
        except ValueError:
            return tuple(plain(item) for item in answer)
        return _numbers(array) if array.dtype.kind != "U" else tuple(map(plain, answer))
    if isinstance(answer, (bool, int, float, complex, np.generic, np.ndarray)):
        return _numbers(np.array(answer, subok=False))
    raise NotAnAnswerError(f"it is {_a(type(answer).__name__)}")


def _numbers(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind not in "biufc":
        raise NotAnAnswerError(f"its entries are not numbers ({array.dtype})")
    return array


def why_wrong(
    answer: object, expected: object, *, rtol: float = 1e-6, atol: float = 1e-12
) -> str | None:
    """Return None when `answer` is right, else a few words that say in what it differs.

    An entry is right when ``|answer - expected| <= rtol * max|expected| + atol``; integers and
    truth values must be equal, strings but for surrounding blanks.

    Examples
    --------
    >>> why_wrong([1.0, 2.0], np.array([1.0, 2.0 + 1e-9]))
    >>> why_wrong(np.zeros((2, 1)), np.zeros(2))
    'its shape is (2, 1), not (2,)'
    >>> why_wrong(True, 1)
    'it is a truth value, not a number'
    """
    try:
        given = plain(answer)
    except NotAnAnswerError as error:
        return str(error)
    return _difference(given, plain(expected), rtol, atol)


def _difference(given: Plain, right: Plain, rtol: float, atol: float) -> str | None:
    if isinstance(right, tuple):
        if isinstance(given, np.ndarray) and given.ndim > 0:
            # Three rows where three vectors are asked for, or [2, 3] where two numbers are. Only as
            # many as are asked for are taken apart: a hostile answer may have millions.
            if len(given) != len(right):
                return f"it has {len(given)} parts, not {len(right)}"
            given = tuple(np.asarray(part) for part in given)
        if not isinstance(given, tuple):
            return f"it is {_kind(given)}, not {_kind(right)}"
        if len(given) != len(right):
            return f"it has {len(given)} parts, not {len(right)}"
        for k, (part, right_part) in enumerate(zip(given, right, strict=True), start=1):
            difference = _difference(part, right_part, rtol, atol)
            if difference:
                return f"part {k}: {difference}"
        return None
    if isinstance(given, tuple):
        given = _stacked(given)
    if isinstance(given, tuple) or isinstance(given, str) != isinstance(right, str):
        return f"it is {_kind(given)}, not {_kind(right)}"
    if isinstance(given, str) or isinstance(right, str):
        return None if str(given).strip() == str(right).strip() else "it is another word"
    return _array_difference(given, right, rtol, atol)


def _array_difference(
    given: NDArray[Any], right: NDArray[Any], rtol: float, atol: float
) -> str | None:
    if given.shape != right.shape:
        return f"its shape is {given.shape}, not {right.shape}"
    if (given.dtype.kind == "b") != (right.dtype.kind == "b"):
        return f"it is {_kind(given)}, not {_kind(right)}"
    if given.size == 0:
        return "it is empty"
    if right.dtype.kind == "b":
        return None if (given == right).all() else _where(given != right)
    if right.dtype.kind in "iu":
        rtol, atol = 1e-12, 0.0  # exact, but 3.0000000000000004 may stand for 3
    given, right = given.astype(np.complex128), right.astype(np.complex128)
    infinite = np.isinf(right)
    if not (given[infinite] == right[infinite]).all():
        return "it is not infinite where it should be"
    if not np.isfinite(given[~infinite]).all():
        return "it is not finite"
    given[infinite] = right[infinite] = 0.0
    tolerance = rtol * float(np.abs(right).max()) + atol
    with np.errstate(over="ignore"):
        within = np.abs(given - right) <= tolerance
    return None if within.all() else _where(~within)


def _where(wrong: NDArray[Any]) -> str:
    if wrong.size == 1:
        return "its value differs"
    return f"{int(wrong.sum())} of its {wrong.size} entries differ"


def _stacked(parts: tuple[Any, ...]) -> Plain:
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if parts and len(arrays) == len(parts) and len({a.shape for a in arrays}) == 1:
        return np.stack(arrays)
    return parts


def _kind(value: Plain) -> str:
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    if isinstance(value, str):
        return "a word"
    if value.dtype.kind == "b":
        return "a truth value" if value.ndim == 0 else "an array of truth values"
    return "a number" if value.ndim == 0 else f"an array of shape {value.shape}"


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
