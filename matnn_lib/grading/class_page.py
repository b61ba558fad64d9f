"""``class.html``: how the class did, what was hardest, and which misconceptions it has."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from matnn_lib.grading.page import template
from matnn_lib.grading.sheet import Mark, Sheet

_BINS = 10
_LONGEST_LABEL = 40
_STATUSES = ("right", "partly right", "wrong", "not answered")


def write(
    sheets: Sequence[Sheet],
    absent: Sequence[str],
    summary: Sequence[str],
    layers: Sequence[str],
    seed: int,
    path: Path,
) -> None:
    """Write the page; it is self-contained, and every picture's numbers stand in it as text.

    It is about those who handed in; who is `absent` is named, and counted nowhere else.
    """
    shares = _shares(sheets)
    by_exercise: dict[str, list[Mark]] = defaultdict(list)
    for sheet in sheets:
        for mark in sheet.marks:
            by_exercise[mark.exercise].append(mark)
    met = _mistakes(by_exercise)
    text = template("class.html").render(
        students=len(shares),
        median=100 * statistics.median(shares or [0.0]),
        layers=layers,
        seed=seed,
        summary=summary,
        distribution=_distribution(shares),
        hardest=_hardest(by_exercise),
        absent=absent,
        mistakes=[(_short(f"{e}: {name}"), n, _students(n)) for e, name, n, _ in met],
        hints=met,
        table=[_row(exercise, marks) for exercise, marks in sorted(by_exercise.items())],
    )
    path.write_text(text, encoding="utf-8")


def _shares(sheets: Sequence[Sheet]) -> list[float]:
    points: dict[str, float] = defaultdict(float)
    of: dict[str, int] = defaultdict(int)
    for sheet in sheets:
        points[sheet.student] += sheet.points
        of[sheet.student] += sheet.of
    return [points[s] / of[s] if of[s] else 0.0 for s in points]


def _distribution(shares: Sequence[float]) -> list[tuple[str, int, str]]:
    counts = Counter(min(int(share * _BINS), _BINS - 1) for share in shares)
    width = 100 // _BINS
    ranges = [f"{k * width} to {(k + 1) * width} %" for k in range(_BINS)]
    return [(label, counts[k], _students(counts[k])) for k, label in enumerate(ranges)]


def _hardest(by_exercise: dict[str, list[Mark]]) -> list[tuple[str, float, str]]:
    rows = []
    for exercise, marks in by_exercise.items():
        share = 100 * sum(m.points for m in marks) / (marks[0].of * len(marks) or 1)
        rows.append((_short(f"{exercise} {marks[0].title}"), share, f"{share:.0f} %"))
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _mistakes(by_exercise: dict[str, list[Mark]]) -> list[tuple[str, str, int, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    hints = {}
    for exercise, marks in by_exercise.items():
        for mark in marks:
            if mark.mistake:
                counts[exercise, mark.mistake] += 1
                hints[exercise, mark.mistake] = mark.reason
    rows = [(exercise, name, n, hints[exercise, name]) for (exercise, name), n in counts.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def _row(exercise: str, marks: Sequence[Mark]) -> tuple[str, str, list[int]]:
    counts = [sum(mark.status == status for mark in marks) for status in _STATUSES]
    return exercise, marks[0].title, [*counts, len(marks) - sum(counts)]


def _students(count: int) -> str:
    return f"{count} student{'s' if count != 1 else ''}" if count else ""


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
