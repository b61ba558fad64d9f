"""Nested tuples of arrays: the one form that parameters, gradients and states have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    return _map(function, trees)


def tree_leaves(tree: Tree) -> list[Any]:
    """Return the arrays of `tree` in reading order.

    Examples
    --------
    >>> tree_leaves(((1.0, 2.0), (), (3.0,)))
    [1.0, 2.0, 3.0]
    """
    return list(_leaves(tree))


def _map(function: Callable[..., Any], trees: tuple[Tree, ...]) -> Tree:
    first = trees[0]
    if isinstance(first, tuple):
        for other in trees[1:]:
            if not isinstance(other, tuple) or len(other) != len(first):
                raise ValueError(
                    f"the trees must have the same form, but where one holds {_form(first)} "
                    f"another holds {_form(other)}"
                )
        return tuple([_map(function, branches) for branches in zip(*trees, strict=True)])
    shape = getattr(first, "shape", ())
    for other in trees[1:]:
        if isinstance(other, tuple) or getattr(other, "shape", ()) != shape:
            raise ValueError(
                f"the trees must have the same form, but where one holds {_form(first)} "
                f"another holds {_form(other)}"
            )
    return function(*trees)


def _leaves(tree: Tree) -> Iterator[Any]:
    if isinstance(tree, tuple):
        for branch in tree:
            yield from _leaves(branch)
    else:
        yield tree


def _form(tree: Tree) -> str:
    if isinstance(tree, tuple):
        return f"a tuple of {len(tree)}"
    return f"an array of shape {getattr(tree, 'shape', ())}"
