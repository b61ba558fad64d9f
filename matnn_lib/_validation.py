"""The one place that checks arguments.

Each function takes the argument's name first, returns the value in the form that the library
works with, and raises ``TypeError`` (wrong kind of thing) or ``ValueError`` (right kind, wrong
value) with one sentence: what the argument is called, what it was, what is needed.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

LARGEST_SIZE = 10**8


def as_array(name: str, value: object, *, ndim: int | None = None, finite: bool = True) -> Floats:
    """Return `value` as a real floating-point array: ``float32`` is kept, the rest is ``float64``.

    Raises
    ------
    TypeError
        Complex or non-numeric entries.
    ValueError
        Ragged, empty, of another dimension than `ndim`, or (unless ``finite=False``) with an
        entry that is NaN or infinite.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name} must be a rectangular array, but its rows differ in length"
        ) from None
    if np.iscomplexobj(array):
        raise TypeError(f"{name} must be real, but its entries are complex ({array.dtype})")
    if array.dtype == object and all(type(entry) is int for entry in array.flat):
        array = _beyond_int64(name, array)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers, but it is {_describe(value, array)}")
    kept = np.float32 if array.dtype.type is np.float32 else np.float64
    with np.errstate(over="ignore"):  # a larger type's values may not fit; they become inf
        array = array.astype(kept, copy=False)
    if ndim is not None and array.ndim != ndim:
        kind = {0: "a number", 1: "a vector (1-D)", 2: "a matrix (2-D)"}.get(ndim, f"{ndim}-D")
        raise ValueError(f"{name} must be {kind}, but its shape is {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, but its shape is {array.shape}")
    if finite and not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        entry = f"the entry at {where}" if where else "it"
        raise ValueError(f"{name} must be finite, but {entry} is {array[where]}")
    return array


def as_matrix(name: str, value: object, *, square: bool = False) -> Floats:
    """Return `value` as a finite, non-empty real matrix; see `as_array` for the errors."""
    matrix = as_array(name, value, ndim=2)
    if square and matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name} must be square, but its shape is {matrix.shape}")
    return matrix


def as_symmetric(name: str, value: object) -> Floats:
    """Return `value` as a square matrix that equals its transpose up to rounding."""
    matrix = as_matrix(name, value, square=True)
    scale = float(np.abs(matrix).max())
    tolerance = 100 * float(np.finfo(matrix.dtype).eps) * scale
    asymmetry = float(np.abs(matrix - matrix.T).max())
    if asymmetry > tolerance:
        raise ValueError(
            f"{name} must be symmetric, but it differs from its transpose by up to {asymmetry:.3g}"
        )
    return matrix


def as_chain(name: str, factors: Sequence[object]) -> list[Floats]:
    """Return `factors` as matrices of which each has as many columns as the next has rows."""
    try:
        len(factors)  # a generator might never end
        items = list(factors)
    except (TypeError, NotImplementedError):  # the latter from a memoryview of a matrix
        raise TypeError(
            f"{name} must be a sequence of matrices, but it is {_describe(factors)}"
        ) from None
    if not items:
        raise ValueError(f"{name} must hold at least one matrix, but it is empty")
    matrices = [as_matrix(f"{name}[{i}]", item) for i, item in enumerate(items)]
    for i, (left, right) in enumerate(itertools.pairwise(matrices)):
        if left.shape[1] != right.shape[0]:
            raise ValueError(
                f"{name}[{i}] of shape {left.shape} and {name}[{i + 1}] of shape {right.shape} "
                f"can't be multiplied: {left.shape[1]} columns against {right.shape[0]} rows"
            )
    return matrices


def as_integer(
    name: str, value: object, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    """Return `value` as an ``int`` within the bounds; a float is refused even if it is whole."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be an integer, but it is {value!r}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be an integer, but it is {_describe(value)}") from None
    if minimum is not None and number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, but it is {in_words(number)}")
    if maximum is not None and number > maximum:
        raise ValueError(f"{name} must be at most {maximum}, but it is {in_words(number)}")
    return number


def as_size(name: str, value: object, *, minimum: int = 1) -> int:
    """Return `value` as the ``int`` length of a side of an array, at least `minimum`.

    NumPy can hold an array of two such sides, or say that the memory is too small for it.
    """
    return as_integer(name, value, minimum=minimum, maximum=LARGEST_SIZE)


def as_number(
    name: str,
    value: object,
    *,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    below: float | None = None,
) -> float:
    """Return `value` as a finite ``float`` within the bounds (`above`, `below`: excluded)."""
    try:
        array = np.asarray(value)
        if array.ndim or array.dtype.kind not in "iufO":
            raise TypeError
        number = float(value)  # type: ignore[arg-type]
    except OverflowError:
        raise ValueError(f"{name} must be within ±1.8e308, but it is larger") from None
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a real number, but it is {_describe(value)}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, but it is {number}")
    if minimum is not None and number < minimum:
        raise ValueError(f"{name} must be at least {minimum:g}, but it is {number:g}")
    if above is not None and number <= above:
        raise ValueError(f"{name} must be greater than {above:g}, but it is {number:g}")
    if maximum is not None and number > maximum:
        raise ValueError(f"{name} must be at most {maximum:g}, but it is {number:g}")
    if below is not None and number >= below:
        raise ValueError(f"{name} must be less than {below:g}, but it is {number:g}")
    return number


def as_generator(name: str, value: object) -> np.random.Generator:
    """Return `value` if it is a NumPy random generator; seeds are not taken in its place."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"{name} must be a numpy.random.Generator, such as numpy.random.default_rng(0), "
            f"but it is {_describe(value)}"
        )
    return value


def in_words(number: int) -> str:
    """Return the integer as text; one too long to read (or for Python to print) by its size."""
    if abs(number) < 10**18:
        return str(number)
    return f"about {'-' if number < 0 else ''}2**{abs(number).bit_length()}"


def _beyond_int64(name: str, integers: NDArray[Any]) -> Floats:
    try:
        return integers.astype(np.float64)
    except OverflowError:
        raise ValueError(
            f"{name} must hold numbers within ±1.8e308, but one of its integers is larger"
        ) from None


def _describe(value: object, array: NDArray[Any] | None = None) -> str:
    if type(value) is int:
        return in_words(value)
    if isinstance(value, (str, float, complex, bool)) or value is None:
        return repr(value)[:60]
    if array is not None and isinstance(value, (list, tuple, np.ndarray)):
        return f"an array of {array.dtype}"
    return f"of type {type(value).__name__}"
