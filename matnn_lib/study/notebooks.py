"""Execute the course's notebooks in place, so that a second run changes nothing."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from matnn_lib.study.course import course_folder, notebooks
from matnn_lib.study.files import write_whole

SECONDS_PER_CELL = 120
KEPT_TAG = "nbval-ignore-output"
# Sums depend on how many threads share them, sets of strings on Python's hash seed.
FIXED = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def execute(paths: Sequence[Path] = (), say: Callable[[str], None] = print) -> None:
    """Execute notebooks one after another and write each that ran to its end.

    Parameters
    ----------
    paths : sequence of Path
        The notebooks; all of the course's where there are none.
    say : callable
        Gets a line for each notebook: whether its outputs changed.

    Raises
    ------
    RuntimeError
        A cell failed or took too long; its notebook is left as it was.
    ValueError
        A file is not a notebook.
    """
    for path in paths or notebooks(course_folder()):
        try:
            before = path.read_bytes()
            notebook = nbformat.reads(before.decode(), as_version=4)
        except (ValueError, TypeError, AttributeError, nbformat.ValidationError):
            raise ValueError(f"{path} is not a notebook") from None
        text = nbformat.writes(executed(notebook, path))
        after = f"{text}\n".encode()
        if after != before:
            write_whole(path, after)
        _export_pictures(notebook, path.parent)
        say(f"{path.name}: {'outputs changed' if after != before else 'as before'}")


def _export_pictures(notebook: NotebookNode, folder: Path) -> None:
    """Write the figure of each cell that names a file for it, for pages outside the notebook."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            png = output.get("data", {}).get("image/png")
            if png and "picture" in cell.metadata:
                write_whole(folder / cell.metadata["picture"], base64.b64decode(png))


def executed(notebook: NotebookNode, path: Path) -> NotebookNode:
    """Return `notebook` after its execution in the folder of `path`.

    A cell whose outputs can't be the same twice (timings, progress bars) says so with nbval's tag
    ``nbval-ignore-output`` and keeps those that it had; delete them to have new ones stored.
    """
    kept = {
        number: list(cell.outputs)
        for number, cell in enumerate(notebook.cells)
        if KEPT_TAG in cell.metadata.get("tags", []) and cell.get("outputs")
    }
    # Which Python executes it is no part of the course, and differs from machine to machine.
    language = dict(notebook.metadata.get("language_info", {"name": "python"}))
    language.pop("version", None)
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute(env=os.environ | FIXED)
    except CellExecutionError as error:
        raise RuntimeError(f"a cell of {path} failed: {error.ename}: {error.evalue}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        reason = str(error).strip().splitlines()[0]
        raise RuntimeError(f"{path} could not be executed to its end: {reason}") from None
    for number, outputs in kept.items():
        notebook.cells[number].outputs = outputs
    notebook.metadata["language_info"] = language
    return notebook
