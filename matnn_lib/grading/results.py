"""Write what an instructor and the students see, from the sheets that judging left.

Nothing is run or judged here, so it is done again whenever a person has decided something.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from matnn_lib.grading import (
    class_page,
    decisions,
    matching,
    page,
    plan,
    report,
    roster,
    sheet,
    to_mark,
    upload,
)
from matnn_lib.grading.decisions import Decision
from matnn_lib.grading.looks import Looks
from matnn_lib.grading.policy import LatePolicy
from matnn_lib.grading.sheet import Mark, Sheet

_DECISIONS = "decisions.csv"
_OPTIONS = "options.json"


@dataclass(frozen=True)
class Options:
    """How results are written: deadline and late policy, roster, and how much pages tell."""

    deadline: str = ""
    late_days: int = 0
    late_factor: float = 1.0
    roster: str = ""
    details: bool = False
    column: str = ""

    @property
    def late_policy(self) -> LatePolicy:
        """The late policy."""
        deadline = datetime.fromisoformat(self.deadline) if self.deadline else None
        return LatePolicy(deadline, self.late_days, self.late_factor)


def write(out: Path, options: Options) -> list[str]:
    """Write tables and pages into `out`, and return what to tell the instructor.

    Raises
    ------
    ValueError
        The roster can't be read.
    """
    what = plan.read(out)
    enrolled = roster.read(Path(options.roster)) if options.roster else None
    (out / _OPTIONS).write_text(json.dumps(asdict(options), indent=1) + "\n", encoding="utf-8")
    decided = _decisions(out)
    pages = out / "feedback"
    pages.mkdir(exist_ok=True)
    written, sheets = set(), []
    to_look_at = Looks()
    for full in _sheets(out):
        final = decisions.decided(options.late_policy.applied(full), decided)
        written.add(page.write(pages, final, options.details))
        to_look_at.add(final)
        sheets.append(_light(final))
    for stale in {path.name for path in pages.glob("*.html")} - written:
        (pages / stale).unlink()
    to_mark.write(out, sheets, what)
    matched = matching.match(enrolled, sheets)
    absent = {
        line: decisions.decided(nothing, decided)
        for line, nothing in matching.absent_sheets(enrolled, matched, sheets).items()
    }
    names = sorted(nothing.student for nothing in absent.values())
    report.write(sheets, list(absent.values()), out)
    summary = report.summary(sheets, names, matched)
    count = to_look_at.write(out / "to-look-at.csv")
    if count:
        summary.append(f"{count} answers should be looked at: to-look-at.csv says why.")
    layers = sorted({", ".join(one.layers) for one in sheets if one.layers})
    class_page.write(sheets, names, summary, layers, what.seed, out / "class.html")
    uploaded = upload.write(enrolled, matched, absent, sheets, out, options.column)
    return [
        *(f"Workers were confined by {one}." for one in layers),
        *summary,
        f"The class: {out / 'class.html'}; grades: {out / 'grades.csv'}; feedback: {pages}",
        *([f"To upload: {uploaded}"] if uploaded else []),
    ]


def merge(out: Path, table: Path) -> list[str]:
    """Take over the points in a CSV file (columns student, exercise, points, comment).

    Raises
    ------
    ValueError
        A line names nobody, or gives points that there are not, or no reason; then none is taken.
    """
    options = recorded(out)
    taken = decisions.read(table)
    enrolled = roster.read(Path(options.roster)) if options.roster else None
    sheets = [_light(full) for full in _sheets(out)]
    matched = matching.match(enrolled, sheets)
    absent = matching.absent_sheets(enrolled, matched, sheets).values()
    taken = decisions.checked(taken, chain(_sheets(out), absent), table)
    decisions.write(out / _DECISIONS, _decisions(out) | taken)
    return [f"{len(taken)} decisions were taken over.", *write(out, options)]


def recorded(out: Path) -> Options:
    """Return the options of the run in `out`.

    Raises
    ------
    ValueError
        There is none.
    """
    try:
        return Options(**json.loads((out / _OPTIONS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise ValueError(f"{out} is not the output of matnn grade") from None


def _decisions(out: Path) -> dict[tuple[str, str], Decision]:
    path = out / _DECISIONS
    return decisions.read(path) if path.exists() else {}


def _sheets(out: Path) -> Iterator[Sheet]:
    for path in sorted((out / "sheets").glob("*.json")):
        one = sheet.read(path.parent, path.stem)
        if one is None:
            raise ValueError(f"{path} is damaged: grade the submissions again, it is made anew")
        yield one


def _light(full: Sheet) -> Sheet:
    """Return the sheet without what only its page needs: a class of thousands is kept of these."""
    return replace(full, log="", troubles=(), marks=tuple(_light_mark(m) for m in full.marks))


def _light_mark(mark: Mark) -> Mark:
    words = (mark.exercise, mark.title, mark.status, mark.mistake, mark.reason)
    exercise, title, status, mistake, reason = map(sys.intern, words)
    return replace(
        mark,
        exercise=exercise,
        title=title,
        status=status,
        mistake=mistake,
        reason=reason,
        cases=(),
        details=(),
        text="",
        prints=(),
    )
