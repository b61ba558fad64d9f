"""A sheet: everything that is known about one student's notebook, kept as a small JSON file.

Pages and tables are made from sheets alone, so that a decision taken later (a text marked by
hand, points set by the instructor) changes them without judging anything again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from matnn_lib.study.files import write_whole


@dataclass(frozen=True, slots=True)
class Mark:
    """A student's points in one exercise, and why they are not full.

    `mistake` names the known mistake that explains the answers, `reason` is its hint or, where
    none does, says in what the answer differs. `cases` are the names of the cases, each with why
    it failed or with nothing; `details` show the first failing one. `text` is what waits to be
    read by a person, `note` what a person or the late policy has to say. `calls` is the function
    that the answer calls although it is judged by it, `prints` its fingerprint.
    """

    exercise: str
    title: str
    points: float
    of: int
    status: str
    mistake: str = ""
    reason: str = ""
    cases: tuple[tuple[str, str], ...] = ()
    details: tuple[str, ...] = ()
    text: str = ""
    note: str = ""
    calls: str = ""
    prints: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One student's marks in one chapter; `time` is ISO 8601, `late_days` counts begun days."""

    student: str
    chapter: int
    key: str
    notebook: str = ""
    known_as: str = ""
    time: str = ""
    late: bool = False
    late_days: int = 0
    seconds: float = 0.0
    layers: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    log: str = ""
    marks: tuple[Mark, ...] = field(default=())

    @property
    def points(self) -> float:
        """The sum over the exercises."""
        return sum(mark.points for mark in self.marks)

    @property
    def of(self) -> int:
        """What could be reached."""
        return sum(mark.of for mark in self.marks)


def write(folder: Path, sheet: Sheet) -> None:
    """Keep a sheet in `folder`, in one step."""
    text = json.dumps(asdict(sheet), ensure_ascii=False, indent=1)
    write_whole(folder / f"{sheet.key}.json", f"{text}\n".encode())


def read(folder: Path, key: str) -> Sheet | None:
    """Return the sheet that is kept under `key`, or None where there is none that is whole."""
    try:
        kept: dict[str, Any] = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
        marks = tuple(
            Mark(
                **{
                    **mark,
                    "cases": tuple(map(tuple, mark["cases"])),
                    "details": tuple(mark["details"]),
                    "prints": tuple(mark["prints"]),
                }
            )
            for mark in kept.pop("marks")
        )
        lists = {name: tuple(kept[name]) for name in ("troubles", "layers")}
        return Sheet(**{**kept, **lists, "marks": marks})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def number(points: float) -> str:
    """Return points as they are written: whole numbers without a fraction.

    Examples
    --------
    >>> number(5.0), number(3.75)
    ('5', '3.75')
    """
    return f"{round(points, 2):g}"
