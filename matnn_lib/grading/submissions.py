"""Find what was handed in: one notebook a student and chapter, the latest attempt of several."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from matnn_lib.grading.clean import clean
from matnn_lib.grading.collect import LARGEST_NOTEBOOK
from matnn_lib.grading.entries import Entry
from matnn_lib.grading.names import Label, label

_NBGRADER_TIME = "timestamp.txt"
_WRAPPERS = ("submitted", "submissions")


@dataclass(frozen=True, slots=True)
class Submission:
    """One notebook of one student; `problem` says why it can't be graded, where it can't.

    `student` is fit to be shown, and no other student's. `time` is when it came, where that is
    known; `late` whether the learning platform says so itself.
    """

    student: str
    name: str
    path: Path
    chapter: int
    problem: str = ""
    known_as: str = ""
    time: datetime | None = None
    late: bool = False

    @property
    def key(self) -> str:
        """A name for files about it, in which nothing of the student's own names is left."""
        return hashlib.sha256(f"{self.student}\0{self.chapter}".encode()).hexdigest()[:16]

    def read(self) -> bytes:
        """Return the notebook's bytes, one more than are graded at most."""
        with self.path.open("rb") as file:
            return file.read(LARGEST_NOTEBOOK + 1)


def find(entries: Sequence[Entry], chapters: Sequence[int]) -> list[Submission]:
    """Return the submissions among `entries`, by student and chapter.

    A notebook belongs to the chapter that its name begins with (``04-….ipynb``), or to the only
    one there is in `chapters`. A student who handed in something, but nothing for a chapter for
    which others did, has a submission with a problem there.

    Raises
    ------
    ValueError
        There is no notebook for any of the chapters.
    """
    by_student: dict[tuple[str, str], list[tuple[Label, Entry]]] = defaultdict(list)
    for entry in _unwrapped(entries):
        named = label(entry.name)
        by_student[named.student, named.known_as].append((named, entry))
    shown = _distinct(by_student)
    found = [
        submission
        for student, files in by_student.items()
        for submission in _of_student(shown[student], files, chapters)
    ]
    if not any(submission.name for submission in found):
        wanted = ", ".join(f"{chapter:02d}-….ipynb" for chapter in chapters)
        raise ValueError(f"there is no notebook here for any of {wanted}")
    handed_in = {submission.chapter for submission in found if submission.name}
    wanted_too = [s for s in found if s.chapter in handed_in]
    return sorted(wanted_too, key=lambda s: (s.student, s.chapter))


def _unwrapped(entries: Iterable[Entry]) -> list[Entry]:
    """Take off a folder that is around all others, as nbgrader's ``submitted``."""
    entries = list(entries)
    tops = {entry.name.split("/")[0] for entry in entries}
    if len(tops) == 1 and tops <= set(_WRAPPERS):
        return [replace(entry, name=entry.name.partition("/")[2]) for entry in entries]
    return entries


def _distinct(students: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return how each student is shown, so that no two look the same."""
    names = {student: clean(student[0]) or "(no name)" for student in students}
    often = Counter(names.values())
    return {
        student: name if often[name] == 1 else f"{name} ({_told_apart_by(student)})"
        for student, name in names.items()
    }


def _told_apart_by(student: tuple[str, str]) -> str:
    return (
        clean(student[1]) or hashlib.sha256(student[0].encode("utf-8", "replace")).hexdigest()[:6]
    )


def _of_student(
    student: str, files: Sequence[tuple[Label, Entry]], chapters: Sequence[int]
) -> Iterable[Submission]:
    recorded = {_folder(e): _timestamp(e) for _, e in files if e.name.endswith(_NBGRADER_TIME)}
    known_as = files[0][0].known_as
    for chapter in chapters:
        notebooks = [
            (named, entry)
            for named, entry in files
            if named.file.endswith(".ipynb") and _chapter(named.file, chapters) == chapter
        ]
        if not notebooks:
            others = sorted(
                clean(n.file, 60) for n, _ in files if n.file not in ("", _NBGRADER_TIME)
            )
            problem = f"no notebook {chapter:02d}-….ipynb was handed in"
            problem += f", but {', '.join(others[:3])}" if others else ""
            yield Submission(student, "", Path(), chapter, problem, known_as)
            continue
        named, entry = max(notebooks, key=_order)
        yield Submission(
            student,
            clean(named.file),
            entry.path,
            chapter,
            entry.problem,
            known_as,
            recorded.get(_folder(entry)) or named.time or entry.time,
            named.late,
        )


def _folder(entry: Entry) -> str:
    return entry.name.rpartition("/")[0]


def _order(attempt: tuple[Label, Entry]) -> tuple[datetime, int, datetime, str]:
    named, entry = attempt
    return (named.time or datetime.min, named.attempt, entry.time, entry.name)


def _chapter(file: str, chapters: Sequence[int]) -> int | None:
    number = re.match(r"(\d\d)(?!\d)", file)
    if number:
        return int(number[1]) if int(number[1]) in chapters else None
    return chapters[0] if len(chapters) == 1 else None


def _timestamp(entry: Entry) -> datetime | None:
    """Return when nbgrader collected an assignment, from the file it keeps that in."""
    if entry.problem:
        return None
    with entry.path.open("rb") as file:
        text = file.read(100).decode("utf-8", "replace")
    try:
        return datetime.fromisoformat(text[:19])
    except ValueError:
        return None
