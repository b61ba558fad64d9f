"""Nested tuples of arrays: the one form that parameters, gradients and states have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Tree = Any
"""An array, or a tuple of trees: ``((W1, b1), (), (W2, b2))``."""


def tree_map(function: Callable[..., Any], *trees: Tree) -> Tree:
    """Apply `function` to the arrays that stand at the same place in each of the `trees`.

    Parameters
    ----------
    function : callable
        Takes as many arrays as there are trees; what it returns stands at that place in the result.
    *trees : nested tuples of arrays
        All of one form, with arrays of the same shape at the same places.

    Returns
    -------
    nested tuple
        Of the same form; ``()`` stays ``()``.

    Raises
    ------
    TypeError
        No tree is given.
    ValueError
        The trees differ in form, or arrays at the same place in shape.

    Examples
    --------
    >>> import numpy as np
    >>> tree_map(lambda w, g: w - 0.5 * g, (np.ones(2), ()), (np.ones(2), ()))
    (array([0.5, 0.5]), ())
    """
    if not trees:
        raise TypeError("tree_map needs at least one tree beside the function, but got none")
    (mapped,) = _walk(function, [(tree,) for tree in trees])
    return mapped


def tree_leaves(tree: Tree) -> list[Any]:
    """Return the arrays of `tree` in reading order.

    Parameters
    ----------
    tree : nested tuple of arrays

    Returns
    -------
    list of arrays

    Examples
    --------
    >>> tree_leaves(((1.0, 2.0), (), (3.0,)))
    [1.0, 2.0, 3.0]
    """
    leaves: list[Any] = []
    _gather(tree, leaves)
    return leaves


def _walk(function: Callable[..., Any], trees: Sequence[Tree]) -> Tree:
    """Apply `function` to what stands at each place of these tuples, of equal length."""
    results = []
    for branches in zip(*trees):  # noqa: B905 (they are equally long)
        first = branches[0]
        if isinstance(first, tuple):
            length = len(first)
            for other in branches:
                if not isinstance(other, tuple) or len(other) != length:
                    raise mismatch(first, other)
            results.append(_walk(function, branches))
        else:
            shape = getattr(first, "shape", ())
            for other in branches:
                if getattr(other, "shape", ()) != shape or (not shape and isinstance(other, tuple)):
                    raise mismatch(first, other)
            results.append(function(*branches))
    return tuple(results)


def mismatch(first: Tree, other: Tree) -> ValueError:
    """Return the error that two trees differ, with what each holds where they do."""
    return ValueError(
        f"the trees must have the same form, but where one holds {_form(first)} "
        f"another holds {_form(other)}"
    )


def _form(tree: Tree) -> str:
    if isinstance(tree, tuple):
        return f"a tuple of {len(tree)}"
    return f"an array of shape {getattr(tree, 'shape', ())}"


def _gather(tree: Tree, leaves: list[Any]) -> None:
    if isinstance(tree, tuple):
        for branch in tree:
            _gather(branch, leaves)
    else:
        leaves.append(tree)
