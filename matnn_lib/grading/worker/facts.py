"""What a notebook's code is like, read before any of it runs.

For each answer: which functions its definition calls, and a fingerprint that stays the same when
names, comments and layout change (winnowing: Schleimer, Wilkerson & Aiken 2003, section 3).
"""

from __future__ import annotations

import ast
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from matnn_lib.grading.worker.magics import without_magics

_GRAM, _WINDOW = 8, 4
_MOST_CALLS, _MOST_PRINTS = 50, 200


def facts(sources: Sequence[str], names: Iterable[str]) -> dict[str, dict[str, list[object]]]:
    """Return ``{name: {"calls": dotted names, "prints": numbers}}`` for the names defined.

    Examples
    --------
    >>> facts(["import numpy as np\\ndef f(x):\\n    return np.sum(x)"], ["f"])["f"]["calls"]
    ['numpy.sum']
    """
    wanted = set(names)
    modules: dict[str, str] = {}
    found: dict[str, ast.AST] = {}
    for source in sources:
        try:
            tree = ast.parse(without_magics(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                modules |= _imported(node)
        for node in tree.body:
            found |= {name: node for name in _defined(node) if name in wanted}
    return {name: _of(node, modules) for name, node in found.items()}


def _imported(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""
    return {
        alias.asname or alias.name.partition(".")[0]: prefix
        + (alias.name if alias.asname or prefix else alias.name.partition(".")[0])
        for alias in node.names
    }


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _of(node: ast.AST, modules: Mapping[str, str]) -> dict[str, list[object]]:
    try:
        called = {_dotted(n.func, modules) for n in ast.walk(node) if isinstance(n, ast.Call)}
        tokens = list(_tokens(node))
    except RecursionError:
        return {"calls": [], "prints": []}
    calls: list[object] = [*sorted(called - {""})[:_MOST_CALLS]]
    return {"calls": calls, "prints": [*_prints(tokens)]}


def _dotted(function: ast.expr, modules: Mapping[str, str]) -> str:
    parts: list[str] = []
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    if not isinstance(function, ast.Name):
        return ""
    return ".".join([modules.get(function.id, function.id), *reversed(parts)])[:100]


def _tokens(node: ast.AST) -> Iterator[str]:
    """Yield the kinds of all nodes in the order of the text; names are all alike."""
    yield type(node).__name__
    if isinstance(node, ast.Attribute):
        yield node.attr
    if isinstance(node, ast.Constant):
        yield _shown(node.value)
    for child in ast.iter_child_nodes(node):
        is_text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not is_text and not isinstance(child, (ast.expr_context, ast.arguments)):
            yield from _tokens(child)


def _shown(constant: object) -> str:
    try:
        return repr(constant)[:20]
    except ValueError:  # Python writes no number of more than 4300 digits
        return type(constant).__name__


def _prints(tokens: Sequence[str]) -> list[int]:
    grams = [
        zlib.crc32("\0".join(tokens[k : k + _GRAM]).encode())
        for k in range(len(tokens) - _GRAM + 1)
    ]
    windows = (grams[k : k + _WINDOW] for k in range(max(1, len(grams) - _WINDOW + 1)))
    return sorted({min(window) for window in windows if window})[:_MOST_PRINTS]
