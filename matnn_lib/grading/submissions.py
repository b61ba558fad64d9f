"""Find what was handed in: notebooks by student, in the forms that folders of them take."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from matnn_lib.grading.collect import LARGEST_NOTEBOOK


@dataclass(frozen=True)
class Submission:
    """One notebook of one student; `problem` says why it can't be graded, where it can't."""

    student: str
    name: str
    path: Path
    chapter: int
    problem: str = ""

    @property
    def key(self) -> str:
        """A name for files about it, in which nothing of the student's own names is left."""
        return hashlib.sha256(f"{self.student}\0{self.chapter}".encode()).hexdigest()[:16]

    def read(self) -> bytes:
        """Return the notebook's bytes, one more than are graded at most."""
        with self.path.open("rb") as file:
            return file.read(LARGEST_NOTEBOOK + 1)


def find(folder: Path, chapters: tuple[int, ...]) -> list[Submission]:
    """Return the submissions in `folder`, by student and chapter.

    Understood are ``<student>/<notebook>.ipynb`` and nbgrader's
    ``<student>/<assignment>/<notebook>.ipynb``. A notebook belongs to the chapter that its name
    begins with (``04-….ipynb``), and to the only one there is when `chapters` has one. Links are
    not followed.

    Raises
    ------
    ValueError
        There is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder of submissions")
    found = [s for student in _folders(folder) for s in _of_student(student, chapters)]
    if not found:
        raise ValueError(f"{folder} has no folders of students, as in {folder}/<student>/04.ipynb")
    return sorted(found, key=lambda s: (s.student, s.chapter))


def _folders(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            yield path


def _of_student(folder: Path, chapters: tuple[int, ...]) -> Iterator[Submission]:
    """One submission a chapter: the first notebook in the order of names that belongs to it."""
    files = [
        path
        for path in sorted([*folder.glob("*"), *folder.glob("*/*")])
        if not path.name.startswith(".") and not path.is_dir()
    ]
    taken: set[int] = set()
    for path in files:
        chapter = _chapter(path.name, chapters)
        if chapter is not None and chapter not in taken:
            taken.add(chapter)
            yield Submission(folder.name, path.name, path, chapter, _problem(path))
    if not taken:
        for chapter in chapters:
            yield Submission(folder.name, "", folder, chapter, "no notebook was handed in")


def _chapter(name: str, chapters: tuple[int, ...]) -> int | None:
    number = re.match(r"(\d\d)(?!\d)", name)
    if number and int(number[1]) in chapters:
        return int(number[1])
    return chapters[0] if len(chapters) == 1 and not number else None


def _problem(path: Path) -> str:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        return "it is not a file but a link or something else that is not read"
    if path.suffix != ".ipynb":
        return f"{path.name} is not a notebook (.ipynb)"
    return ""
