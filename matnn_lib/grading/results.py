"""Write what an instructor and the students see, from the sheets that judging left.

Nothing is run or judged here, so it is done again whenever a person has decided something.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from matnn_lib.grading import class_page, page, plan, policy, report, roster, sheet
from matnn_lib.grading.looks import Looks
from matnn_lib.grading.policy import Decision, LatePolicy
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
    (out / _OPTIONS).write_text(json.dumps(asdict(options), indent=1) + "\n", encoding="utf-8")
    enrolled = roster.read(Path(options.roster)) if options.roster else None
    decisions = policy.read(out / _DECISIONS) if (out / _DECISIONS).exists() else {}
    pages = out / "feedback"
    pages.mkdir(exist_ok=True)
    written, sheets = set(), []
    to_look_at = Looks()
    with report.texts(out / "to-mark.csv") as to_mark:
        for full in _sheets(out):
            final = policy.decided(options.late_policy.applied(full), decisions)
            written.add(page.write(pages, final, options.details))
            to_mark(final)
            to_look_at.add(final)
            sheets.append(_light(final))
    for stale in {path.name for path in pages.glob("*.html")} - written:
        (pages / stale).unlink()
    absent, unknown = roster.split(enrolled, sheets)
    names = [student.name for student in absent]
    report.write(sheets, names, out)
    summary = report.summary(sheets, names, unknown)
    count = to_look_at.write(out / "to-look-at.csv")
    if count:
        summary.append(f"{count} answers should be looked at: to-look-at.csv says why.")
    layers = sorted({", ".join(one.layers) for one in sheets if one.layers})
    class_page.write(sheets, names, summary, layers, what.seed, out / "class.html")
    uploaded = roster.write_back(enrolled, sheets, out) if enrolled else None
    return [
        *(f"Workers were confined by {one}." for one in layers),
        *summary,
        f"The class: {out / 'class.html'}; grades: {out / 'grades.csv'}; feedback: {pages}",
        *([f"To upload: {uploaded}"] if uploaded else []),
    ]


def merge(out: Path, decided: Path) -> list[str]:
    """Take over the points in a CSV file (columns student, exercise, points, comment).

    Raises
    ------
    ValueError
        A line names nobody, or gives points that there are not, or no reason; then none is taken.
    """
    options = _recorded(out)
    decisions = policy.read(decided)
    policy.check(decisions, _sheets(out), decided)
    path = out / _DECISIONS
    before: dict[tuple[str, str], Decision] = policy.read(path) if path.exists() else {}
    policy.write(path, before | decisions)
    return [f"{len(decisions)} decisions were taken over.", *write(out, options)]


def _recorded(out: Path) -> Options:
    try:
        return Options(**json.loads((out / _OPTIONS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise ValueError(f"{out} is not the output of matnn grade") from None


def _sheets(out: Path) -> Iterator[Sheet]:
    for path in sorted((out / "sheets").glob("*.json")):
        one = sheet.read(path.parent, path.stem)
        if one is not None:
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
