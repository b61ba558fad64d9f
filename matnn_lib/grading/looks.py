"""What a person should look at: what could not be judged, answers that are much alike, calls.

Nothing here costs a student points. Two answers to a short question are often alike; only long
ones count, and only when few share what they share.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from matnn_lib.grading import tables
from matnn_lib.grading.clean import cell, clean
from matnn_lib.grading.sheet import Sheet

BY_HAND = "look at it by hand"  # how the reason ends of what could not be judged
_LEAST_PRINTS = 12  # a shorter answer can hardly be written in two ways
_ALIKE = 0.9
_FEW = 3


@dataclass(frozen=True)
class Facts:
    """What the worker read of an answer's code before it ran."""

    calls: tuple[str, ...] = ()
    prints: tuple[int, ...] = ()


def decoded(text: str) -> dict[str, Facts]:
    """Return the facts by answer's name; whatever isn't in the agreed form is left out."""
    try:
        table: dict[str, Any] = json.loads(text)
        return {
            str(name): Facts(
                tuple(clean(str(call), 100) for call in entry["calls"][:50]),
                tuple(int(number) & 0xFFFFFFFF for number in entry["prints"][:200]),
            )
            for name, entry in table.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


@dataclass
class Looks:
    """Collects, sheet by sheet, what is to be looked at."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    _prints: dict[str, list[tuple[str, array[int]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, sheet: Sheet) -> None:
        """Take note of one student's answers."""
        for mark in sheet.marks:
            if mark.reason.startswith("judging it ") and mark.reason.endswith(BY_HAND):
                self.rows.append((mark.exercise, sheet.student, "", mark.reason))
            if mark.calls and mark.points:
                what = f"calls {mark.calls}, which the answer is judged by"
                self.rows.append((mark.exercise, sheet.student, "", what))
            if len(mark.prints) >= _LEAST_PRINTS:
                self._prints[mark.exercise].append((sheet.student, array("I", mark.prints)))

    def write(self, path: Path) -> int:
        """Write the table, or remove an old one, and return its number of rows."""
        rows = sorted([*self.rows, *self._alike()])
        path.unlink(missing_ok=True)
        if rows:
            tables.write(
                path,
                ("exercise", "student", "other", "what"),
                ((e, cell(s), cell(other), cell(what)) for e, s, other, what in rows),
            )
        return len(rows)

    def _alike(self) -> Iterator[tuple[str, str, str, str]]:
        for exercise, answers in self._prints.items():
            who: dict[int, list[int]] = defaultdict(list)
            for number, (_, prints) in enumerate(answers):
                for value in prints:
                    who[value].append(number)
            shared: dict[tuple[int, int], int] = defaultdict(int)
            for numbers in who.values():
                # What more than a few write is how it is written.
                if 1 < len(numbers) <= _FEW:
                    for pair in combinations(numbers, 2):
                        shared[pair] += 1
            for (a, b), common in shared.items():
                (first, prints), (second, others) = answers[a], answers[b]
                share = common / max(len(prints), len(others))
                if share >= _ALIKE:
                    yield exercise, first, second, f"{share:.0%} of the two answers is the same"
