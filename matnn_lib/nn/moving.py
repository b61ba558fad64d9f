"""One pass over all arrays of a network: each is moved, and looked at while the cache holds it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .layer import Params
from .tree import Tree, mismatch, tree_leaves, tree_map

Move = Callable[[Any, Any, Any], tuple[Any, Any]]
"""``move(W, G, S) -> (W, S)``: from an array, its gradient and its state to the next two."""


class Finite(tuple[Any, ...]):
    """Params whose arrays were all finite when they were made."""

    __slots__ = ()


def move_all(move: Move, params: Params, gradients: Params, state: Tree) -> tuple[Params, Tree]:
    """Apply `move` to every array, its gradient and what `state` holds at its place.

    Returns the new params, as `Finite` if they are, and the new state. Raises ``ValueError`` if
    the three differ in form, or an array and its gradient in shape; `move` looks at the state's.
    """
    (moved,), (states,), finite = _walk(move, (params,), (gradients,), (state,))
    return Finite(moved) if finite and isinstance(moved, tuple) else moved, states


def all_finite(params: Params) -> bool:
    """Say whether no array holds an infinity or NaN."""
    return isinstance(params, Finite) or all(map(_is_finite, tree_leaves(params)))


def unmarked(params: Params) -> Params:
    """Return `Finite` params as a plain tuple: whoever gets them may write into their arrays."""
    return tuple(params) if isinstance(params, Finite) else params


def _walk(move: Move, params: Params, gradients: Params, state: Tree) -> tuple[Params, Tree, bool]:
    moved, states, finite = [], [], True
    for W, G, S in zip(params, gradients, state):  # noqa: B905 (they are equally long)
        if isinstance(W, tuple):
            for other in (G, S):
                if not isinstance(other, tuple) or len(other) != len(W):
                    raise mismatch(W, other)
            if W:
                W, S, found = _walk(move, W, G, S)
                finite = finite and found
        else:
            shape = getattr(W, "shape", ())
            if getattr(G, "shape", ()) != shape:
                raise mismatch(W, G)
            W, S = move(W, G, S) if shape else _move_number(move, W, G, S)
            finite = finite and _is_finite(W)
        moved.append(W)
        states.append(S)
    return tuple(moved), tuple(states), finite


def _move_number(move: Move, W: Any, G: Any, S: Tree) -> tuple[Any, Tree]:
    """Move an array without axes, of which arithmetic would make a scalar."""
    if isinstance(G, tuple):
        raise mismatch(W, G)
    vectors = [tree_map(np.atleast_1d, tree) for tree in (W, G, S)]
    W, S = tree_map(lambda w: w.reshape(()), move(*vectors))
    return W, S


def _is_finite(W: Any) -> bool:
    # A dot product reads faster than isfinite; it may overflow by itself, so isfinite decides.
    return math.isfinite(np.vdot(W, W)) or bool(np.isfinite(W).all())
