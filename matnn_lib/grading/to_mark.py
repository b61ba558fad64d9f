"""``to-mark.csv``: the texts that wait for a person, exercise by exercise, with their rubric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from matnn_lib.grading import decisions, sheet, tables
from matnn_lib.grading.clean import cell
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.processes import apart
from matnn_lib.grading.sheet import Sheet

_COLUMNS = ("student", "exercise", "of", "points", "comment", "text", "rubric", "version")
_LONGEST = 20_000


def write(out: Path, sheets: Sequence[Sheet], plan: Plan) -> None:
    """Write the table, for ``--merge``; where no text waits, there is none.

    `sheets` say what waits, the texts themselves are read again one by one.
    """
    path = out / "to-mark.csv"
    waiting = sorted(
        (mark.exercise, one.student, one.key)
        for one in sheets
        for mark in one.marks
        if mark.status == "to be marked"
    )
    if not waiting:
        path.unlink(missing_ok=True)
        return
    # The rubrics come with the oracles, which have no place in this process.
    rubrics = apart("matnn_lib.grading.assigned", "rubrics", plan)

    def rows() -> Iterator[tuple[object, ...]]:
        for exercise, student, key in waiting:
            full = sheet.read(out / "sheets", key)
            for mark in full.marks if full else ():
                if mark.exercise == exercise:
                    text = cell(mark.text, _LONGEST, lines=True)
                    rubric = cell(rubrics.get(exercise, ""), _LONGEST, lines=True)
                    version = decisions.version(mark.text)
                    yield cell(student), exercise, mark.of, "", "", text, rubric, version

    tables.write(path, _COLUMNS, rows())
