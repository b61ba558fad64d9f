"""Run a student's notebook cell by cell, as a kernel would, without a kernel."""

from __future__ import annotations

import ast
import inspect
import json
import linecache
import traceback
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from matnn_lib.grading.worker import awaiting
from matnn_lib.grading.worker.magics import without_magics

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


class NotANotebookError(ValueError):
    """The submission is no notebook; the message says why."""


def code_cells(notebook: bytes) -> list[str]:
    """Return the sources of the code cells of an .ipynb file, of format 3 or 4.

    Raises
    ------
    NotANotebookError
        It isn't JSON, or has no cells.
    """
    try:
        content = json.loads(notebook.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotANotebookError(str(error)) from None
    cells = content.get("cells") if isinstance(content, dict) else None
    if cells is None and isinstance(content, dict):
        sheets = content.get("worksheets")
        cells = sheets[0].get("cells") if _listed(sheets) and sheets else None
    if not isinstance(cells, list) or not _listed(cells):
        raise NotANotebookError("it has no list of cells")
    return [_source(cell) for cell in cells if cell.get("cell_type") == "code"]


def _listed(cells: Any) -> bool:
    return isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells)


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def definitions(tree: ast.Module) -> ast.Module:
    """Return only what can hardly hang: imports, definitions, and names for literals."""

    def harmless(node: ast.stmt) -> bool:
        if isinstance(node, ast.Assign):
            try:
                ast.literal_eval(node.value)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                return False
            return True
        return isinstance(node, _DEFINITIONS)

    return ast.Module([node for node in tree.body if harmless(node)], tree.type_ignores)


def run(
    sources: list[str],
    names: dict[str, Any],
    *,
    definitions_only: bool,
    on_cell: Callable[[int], None],
    on_trouble: Callable[[str], None],
) -> None:
    """Execute the cells in order in `names`; one that fails doesn't stop those after it.

    `on_cell` is called with each cell's number, from 1, before it runs; `on_trouble` with a
    sentence for each that fails.
    """
    for number, source in enumerate(sources, start=1):
        on_cell(number)
        file = f"<cell {number}>"
        text = without_magics(source)
        lines = [f"{line}\n" for line in text.split("\n")]
        linecache.cache[file] = (len(text), None, lines, file)
        try:
            tree = ast.parse(text, file)
            if definitions_only:
                tree = definitions(tree)
            code = compile(tree, file, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            if code.co_flags & inspect.CO_COROUTINE:
                awaiting.finish(eval(code, names))
            else:
                exec(code, names)
        except BaseException as error:
            on_trouble(sentence(error))


def sentence(error: BaseException) -> str:
    """Return what was raised, and at which line of which cell."""
    text = (_text(error).strip().splitlines() or [""])[0][:200]
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    for file, number, line in _lines(error):
        return f"{what} ({file[1:-1]}, line {number}: {line[:200]})"
    return what


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # the student's own exception, with a broken __str__
        return ""


def _lines(error: BaseException) -> Iterator[tuple[str, int, str]]:
    frames = [(frame.f_code, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    for code, number in reversed(frames):
        if isinstance(code, CodeType) and code.co_filename.startswith("<cell "):
            line = linecache.getline(code.co_filename, number).strip()
            yield code.co_filename, number, line
