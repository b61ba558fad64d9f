"""Nested tuples of arrays: the one form that parameters, gradients and states have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

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


def tree_map_to_several(function: Callable[..., Any], parts: int, *trees: Tree) -> tuple[Tree, ...]:
    """Apply a `function` that returns so many `parts`, and return as many trees.

    One walk where several of `tree_map` would do the same; arguments and errors as there.

    Examples
    --------
    >>> tree_map_to_several(divmod, 2, (7, (5,)), (4, (2,)))
    ((1, (2,)), (3, (1,)))
    """
    return cast(tuple[Tree, ...], _map_to_several(function, parts, trees))


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


def _map(function: Callable[..., Any], trees: tuple[Tree, ...]) -> Tree:
    if _are_tuples(trees):
        return tuple([_map(function, branches) for branches in zip(*trees, strict=True)])
    return function(*trees)


def _map_to_several(function: Callable[..., Any], parts: int, trees: tuple[Tree, ...]) -> Any:
    if not _are_tuples(trees):
        return function(*trees)
    if not trees[0]:
        return ((),) * parts
    branches = zip(*trees, strict=True)
    results = [_map_to_several(function, parts, branch) for branch in branches]
    return tuple(zip(*results, strict=True))


def _are_tuples(trees: tuple[Tree, ...]) -> bool:
    """Tell tuples from arrays; raise unless all are of one length or shape."""
    first = trees[0]
    if isinstance(first, tuple):
        length = len(first)
        for other in trees:
            if not isinstance(other, tuple) or len(other) != length:
                raise _mismatch(first, other)
        return True
    shape = getattr(first, "shape", ())
    for other in trees:
        if isinstance(other, tuple) or getattr(other, "shape", ()) != shape:
            raise _mismatch(first, other)
    return False


def _mismatch(first: Tree, other: Tree) -> ValueError:
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
