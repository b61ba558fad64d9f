"""What a layer is: a function that returns its value and its pullback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import as_array

from .tree import tree_map

Floats = NDArray[np.floating[Any]]
Params = tuple[Any, ...]
"""A (nested) tuple of arrays, ``()`` for a layer without parameters."""
Pullback = Callable[[Floats], tuple[Floats, Params]]
"""``pullback(dY) -> (dX, gradients)``: the product with the layer's transposed Jacobian."""


class Layer(Protocol):
    """A map from a batch to a batch, with one example a row, that knows its transposed Jacobian.

    ``Y, pullback = layer(params, X)`` goes forward; ``dX, gradients = pullback(dY)`` goes back:
    given the gradient dY of some number with respect to Y, it returns that number's gradient with
    respect to X and to the parameters, the latter in the form of `params`. Nothing is kept
    elsewhere, so a pullback may be called any number of times.
    """

    def init(self, rng: np.random.Generator) -> Params:
        """Draw parameters."""
        ...

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return the layer's value at X and its pullback there."""
        ...


def check_layer(name: str, value: object) -> None:
    """Raise unless `value` can be called and initialised, as a layer can (and is no class)."""
    if isinstance(value, type) or not callable(value) or not hasattr(value, "init"):
        raise TypeError(f"{name} must be a layer such as Tanh(), but it is {value!r:.60}")


def as_params(params: Params) -> Params:
    """Return finite real `params`, integers as float64; for all that isn't the inner loop."""
    mapped: Params = tree_map(lambda w: as_array("an array in params", w), params)
    return mapped


def shape_of(name: str, array: NDArray[Any]) -> tuple[int, ...]:
    """Return the shape of an array; whatever has none is a ``TypeError``."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, but it is of type {type(array).__name__}")
    return array.shape


def as_floats(name: str, array: NDArray[Any]) -> Floats:
    """Return a real array as it is, integers as float64; values are not looked at.

    The inner loop's own check: a tenth of a microsecond.
    """
    if isinstance(array, np.ndarray) and array.dtype.kind == "f":
        return array
    shape_of(name, array)
    return as_array(name, array, finite=False) if array.size else array.astype(np.float64)


def check_batch(layer: object, X: Floats, columns: int) -> None:
    """Raise unless X is a non-empty batch of rows with so many `columns`."""
    shape = X.shape if isinstance(X, np.ndarray) else shape_of("X", X)
    if X.dtype.kind == "c":
        raise TypeError(f"{layer} needs a real X, but its entries are complex ({X.dtype})")
    if len(shape) != 2 or shape[1] != columns:
        raise ValueError(f"{layer} needs X with {columns} columns, but its shape is {shape}")
    if shape[0] == 0:
        raise ValueError(f"{layer} needs at least one row in X, but its shape is {shape}")


def check_signal(layer: object, dY: Floats, shape: tuple[int, ...]) -> None:
    """Raise unless the gradient that is pulled back has the `shape` of the layer's value."""
    if not isinstance(dY, np.ndarray) or dY.shape != shape:
        raise ValueError(
            f"the pullback of {layer} needs dY of shape {shape}, "
            f"but its shape is {shape_of('dY', dY)}"
        )


def check_params(layer: object, params: Params, *shapes: tuple[int, ...]) -> None:
    """Raise unless `params` is a tuple of arrays of these shapes."""
    if not isinstance(params, tuple) or len(params) != len(shapes):
        got = f"a tuple of {len(params)}" if isinstance(params, tuple) else type(params).__name__
        raise ValueError(f"{layer} needs a tuple of {len(shapes)} as its params, but got {got}")
    found = [w.shape if isinstance(w, np.ndarray) else None for w in params]
    if tuple(found) != shapes:
        wrong = next(i for i, shape in enumerate(shapes) if found[i] != shape)
        raise ValueError(
            f"{layer} needs params of shapes {', '.join(map(str, shapes))}, "
            f"but one has shape {shape_of('an array in params', params[wrong])}"
        )
