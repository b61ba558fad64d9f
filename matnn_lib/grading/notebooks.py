"""Exercise notebooks: the worked one is the source, the question notebook is made from it.

A worked notebook (``exercises/solutions/NN-….ipynb``) follows nbgrader's convention. For exercise
00.1 it has a solution cell with grade id ``exercise-00-1``, in which what the learner writes stands
between ``### BEGIN SOLUTION`` and ``### END SOLUTION``; after it any number of explanations
(Markdown cells tagged ``explanation``); and a check cell with grade id ``check-00-1``.
"""

from __future__ import annotations

import copy
import re
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "..."
EXPLANATION = "explanation"


def read(path: Path) -> Any:
    """Return the notebook at `path`, checked against the format.

    Raises
    ------
    ValueError
        It can't be read or isn't a notebook.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (OSError, ValueError, TypeError, AttributeError, nbformat.ValidationError) as error:
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"{path} is not a notebook: {first_line}") from None
    return notebook


def write(notebook: Any, path: Path) -> None:
    """Write `notebook` as the course commits it: one space of indentation, a final newline."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = nbformat.writes(notebook, indent=1)
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")


def find(folder: Path, chapter: int) -> Path:
    """Return the notebook of a chapter in `folder`, such as ``04-singular-values.ipynb``.

    Raises
    ------
    ValueError
        There is none, or more than one.
    """
    found = sorted(folder.glob(f"{chapter:02d}-*.ipynb"))
    if len(found) != 1:
        raise ValueError(f"{folder} must hold one notebook {chapter:02d}-*.ipynb, not {len(found)}")
    return found[0]


def grade_id(cell: Any) -> str:
    """Return the cell's nbgrader id, such as ``exercise-00-1``, or an empty string."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def solution_cells(notebook: Any) -> dict[str, Any]:
    """Return the solution cells by exercise id, ``{"00.1": cell}``."""
    return _by_exercise(notebook, "exercise")


def check_cells(notebook: Any) -> dict[str, Any]:
    """Return the check cells by exercise id."""
    return _by_exercise(notebook, "check")


def _by_exercise(notebook: Any, kind: str) -> dict[str, Any]:
    ids = ((re.fullmatch(rf"{kind}-(\d\d)-(\d+)", grade_id(c)), c) for c in notebook.cells)
    return {f"{found[1]}.{found[2]}": cell for found, cell in ids if found}


def question(notebook: Any, variant: int = 0) -> Any:
    """Return what a student gets: stubs for solutions, no explanations, no outputs.

    With a `variant`, the numbers of the questions are the class's own.
    """
    notebook = copy.deepcopy(notebook)
    notebook.cells = [
        cell for cell in notebook.cells if EXPLANATION not in cell.metadata.get("tags", [])
    ]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.source = varied(stubbed(cell.source), variant)
        else:
            # The worked notebook lies one folder deeper.
            cell.source = cell.source.replace("](../", "](")
    return notebook


def sections(notebook: Any) -> dict[str, list[Any]]:
    """Return the cells of each exercise by its id, and under ``""`` what stands before the first.

    An exercise begins with the Markdown cell that has its heading, ``## 04.2 …``.
    """
    parts: dict[str, list[Any]] = {"": []}
    current = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = re.search(r"^## (\d\d\.\d+) ", cell.source, flags=re.MULTILINE)
            current = heading[1] if heading else current
        parts.setdefault(current, []).append(cell)
    return parts


def only(notebook: Any, exercises: Collection[str]) -> Any:
    """Return the notebook with what comes before the first exercise, and these exercises."""
    notebook = copy.deepcopy(notebook)
    parts = sections(notebook)
    notebook.cells = [c for name, cells in parts.items() if name in ("", *exercises) for c in cells]
    return notebook


def stubbed(source: str) -> str:
    """Return `source` with every solution taken out.

    Inside a function ``...`` takes its place; at the margin nothing does, as a line such as
    ``answer = ...`` stands before it.

    Raises
    ------
    ValueError
        A region is not closed, or closed twice.

    Examples
    --------
    >>> print(stubbed("def f(x):\\n    ### BEGIN SOLUTION\\n    y = x\\n    ### END SOLUTION"))
    def f(x):
        ...
    """
    kept: list[str] = []
    inside = False
    for line in source.splitlines():
        if line.strip() in (BEGIN, END):
            if inside == (line.strip() == BEGIN):
                raise ValueError(f"{BEGIN} and {END} must alternate, each on a line of its own")
            inside = not inside
            indentation = line[: len(line) - len(line.lstrip())]
            if inside and indentation:
                kept.append(indentation + STUB)
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError(f"{BEGIN} without {END}")
    return "\n".join(kept).rstrip("\n")


def unmarked(source: str) -> str:
    """Return a worked solution as a person reads it: without the lines that mark it.

    Examples
    --------
    >>> unmarked("y = ...\\n### BEGIN SOLUTION\\ny = 2\\n### END SOLUTION")
    'y = ...\\ny = 2'
    """
    lines = source.splitlines()
    return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))


def varied(source: str, variant: int) -> str:
    """Return `source` with the variant as an argument of `check`, `given` and `options`.

    Examples
    --------
    >>> varied('A = given("01.2")', 2027)
    'A = given("01.2", variant=2027)'
    """
    if variant == 0:
        return source
    return re.sub(
        r"^(.*\b(?:check|given|options)\(\s*[\"']\d\d\.\d+[\"'][^()]*)\)",
        rf"\1, variant={variant})",
        source,
        flags=re.MULTILINE,
    )


def executed(notebook: Any) -> Any:
    """Return `notebook` with its outputs, run in an empty folder; its metadata stay as they were.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell fails.
    """
    run = copy.deepcopy(notebook)
    metadata = copy.deepcopy(run.metadata)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            run, timeout=300, record_timing=False, resources={"metadata": {"path": folder}}
        )
        client.execute()
    run.metadata = metadata
    return run
