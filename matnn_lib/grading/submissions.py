"""Find what was handed in: one notebook a student and chapter, the latest attempt of several."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from matnn_lib.grading import names
from matnn_lib.grading.clean import clean
from matnn_lib.grading.collect import LARGEST_NOTEBOOK
from matnn_lib.grading.entry import TIMESTAMP, Entry
from matnn_lib.grading.identity import told_apart
from matnn_lib.grading.names import Label

_NBGRADERS = "submitted"
_WRAPPERS = (_NBGRADERS, "submissions")


@dataclass(frozen=True, slots=True)
class Submission:
    """One notebook of one student; `problem` says why it can't be graded, where it can't.

    `student` is fit to be shown, and no other student's. `time` is when it came, where that is
    known, `late` whether the learning platform says so itself; `written` is the student's name as
    it stands in the pile.
    """

    student: str
    name: str
    path: Path
    chapter: int
    problem: str = ""
    known_as: str = ""
    time: datetime | None = None
    late: bool = False
    written: str = ""

    @property
    def key(self) -> str:
        """A name for files about it, in which nothing of the student's own names is left.

        It comes from what the pile says, not from how that is shown: who else handed in changes
        what is needed to tell students apart.
        """
        who = f"{self.written or self.student}\0{self.known_as}\0{self.chapter}"
        return hashlib.sha256(who.encode("utf-8", "surrogatepass")).hexdigest()[:16]

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
    entries, nbgraders = _unwrapped(entries)
    read = names.reader([entry.name for entry in entries])
    by_student: dict[tuple[str, str], list[tuple[Label, Entry]]] = defaultdict(list)
    for entry in entries:
        named = read(entry.name)
        if named is not None:
            by_student[named.student, named.known_as].append((named, entry))
    times = _collected(entries, nbgraders) if read is names.plain else {}
    shown = told_apart(by_student)
    found = [
        submission
        for student, files in by_student.items()
        for submission in _of_student(shown[student], files, chapters, times)
    ]
    if not any(submission.name for submission in found):
        wanted = ", ".join(f"{chapter:02d}-….ipynb" for chapter in chapters)
        raise ValueError(f"there is no notebook here for any of {wanted}")
    handed_in = {submission.chapter for submission in found if submission.name}
    wanted_too = [s for s in found if s.chapter in handed_in]
    return sorted(wanted_too, key=lambda s: (s.student, s.chapter))


def _unwrapped(entries: Sequence[Entry]) -> tuple[list[Entry], bool]:
    """Take off folders that are around all others, and return whether nbgrader's was one.

    A folder with one student's folder in it looks like a student with an assignment's: it is taken
    off if there are several, or if what is in it is named by a platform.
    """
    entries, nbgraders = list(entries), False
    while len(tops := {entry.name.partition("/")[0] for entry in entries}) == 1:
        below = [e.name.partition("/")[2] for e in entries if e.name.partition("/")[2]]
        folders = {name.partition("/")[0] for name in below if "/" in name}
        known = bool(below) and names.reader(below) is not names.plain
        known = known or (bool(folders) and folders <= set(_WRAPPERS))
        if not (tops <= set(_WRAPPERS) or len(folders) > 1 or known):
            break
        nbgraders = tops == {_NBGRADERS}
        cut = [replace(entry, name=entry.name.partition("/")[2]) for entry in entries]
        entries = [entry for entry in cut if entry.name]
    return entries, nbgraders


def _collected(entries: Sequence[Entry], nbgraders: bool) -> dict[str, datetime]:
    """Return by folder when nbgrader collected an assignment, from the file it keeps that in.

    A student could hand in such a file. It counts where the layout is nbgrader's: notebooks in
    ``<student>/<assignment>``, in its own folder ``submitted`` or with the file beside every one.
    """
    stamps = {_folder(e): e for e in entries if e.name.rpartition("/")[2] == TIMESTAMP}
    notebooks = {_folder(entry) for entry in entries if entry.name.endswith(".ipynb")}
    if not nbgraders and not notebooks <= stamps.keys():
        return {}
    assignments = [f for f in notebooks & stamps.keys() if f.count("/") == 1]
    if not nbgraders and len(assignments) != len(notebooks):
        return {}
    return {f: time for f in assignments if (time := _timestamp(stamps[f])) is not None}


def _of_student(
    student: str,
    files: Sequence[tuple[Label, Entry]],
    chapters: Sequence[int],
    times: Mapping[str, datetime],
) -> Iterable[Submission]:
    written, known_as = files[0][0].student, files[0][0].known_as
    for chapter in chapters:
        notebooks = [
            (named, entry)
            for named, entry in files
            if named.file.endswith(".ipynb") and _chapter(named.file, chapters) == chapter
        ]
        if not notebooks:
            problem = _nothing(files, chapter)
            yield Submission(student, "", Path(), chapter, problem, known_as, written=written)
            continue
        named, entry = max(notebooks, key=_order)
        yield Submission(
            student,
            clean(named.file),
            entry.path,
            chapter,
            entry.problem,
            known_as,
            times.get(_folder(entry)) or named.time or entry.time,
            named.late,
            written,
        )


def _nothing(files: Sequence[tuple[Label, Entry]], chapter: int) -> str:
    """Say that a student has no notebook for a chapter, and what there is instead."""
    others = sorted(clean(n.file, 60) for n, _ in files if n.file not in ("", TIMESTAMP))
    unread = sorted({entry.problem for named, entry in files if not named.file and entry.problem})
    said = f"no notebook {chapter:02d}-….ipynb was handed in"
    said += f", but {', '.join(others[:3])}" if others else ""
    return "; ".join([said, *unread])


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
    if entry.problem:
        return None
    with entry.path.open("rb") as file:
        text = file.read(100).decode("utf-8", "replace")
    try:
        # Its time zone, if it names one, is left out, as in the deadline and all other times.
        return datetime.fromisoformat(text[:19]).replace(tzinfo=None)
    except ValueError:
        return None
