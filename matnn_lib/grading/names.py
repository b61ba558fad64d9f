"""Who handed in a file, which attempt it is and when it came, as its name in a download says.

Known are the downloads of Canvas, Moodle, Blackboard and Brightspace, nbgrader's folders, and one
folder or one file a student. A platform puts words of its own before the name that a student gave
a file. So the platform is decided once, by all names together, and its words are looked for from
the left: whatever a student calls a file can't make it another student's, or an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile


@dataclass(frozen=True)
class Label:
    """What a name says. `known_as` is the system's own number of the student, where it has one."""

    student: str
    file: str
    known_as: str = ""
    attempt: int = 0
    time: datetime | None = None
    late: bool = False


Read = Callable[[str], Label | None]

# A student's folder, all of which Moodle or Brightspace wrote: the last words there are theirs.
_MOODLE_FOLDER = re.compile(r"(?P<student>.+)_(?P<id>\d+)_assignsubmission_(file|onlinetext)_?")
_BRIGHTSPACE = re.compile(r"(?P<id>\d+)-\d+ - ((?P<student>.+) - (?P<time>.+)|(?P<only>.+))")
# A file, whose name ends in what the student called it: the first words are the platform's.
_MOODLE_FILE = re.compile(
    r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_(file|onlinetext)_(?P<file>.+)"
)
_CANVAS = re.compile(r"(?P<student>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)")
_BLACKBOARD = re.compile(
    r"(?P<head>.+?_.+?)_attempt_(?P<time>\d{4}(-\d\d){5})(_(?P<file>.+)|\.txt)"
)
# What one of these platforms wrote further left makes the rest the student's words.
_MOODLE_WORD = re.compile(r"_\d+_assignsubmission_")
_BLACKBOARD_WORD = re.compile(r"_attempt_\d{4}(-\d\d){5}_")
_ATTEMPT = re.compile(r"(?P<stem>.+?)(-(?P<dash>\d{1,3})| ?\((?P<bracket>\d{1,3})\))(?P<end>\.\w+)")
_BRIGHTSPACE_TIMES = ("%b %d, %Y %I:%M %p", "%B %d, %Y %I:%M %p", "%d %B, %Y %H:%M")


def reader(names: Sequence[str]) -> Read:
    """Return what reads the labels of these names, of which it gives None to those of no student.

    It is a platform's if every notebook's name is one that the platform would write; of a pile
    without notebooks, every name. Else folders and files are students.

    Examples
    --------
    >>> read = reader(["limei_LATE_1204_88_00-start-here-2.ipynb"])
    >>> read("limei_LATE_1204_88_00-start-here-2.ipynb")
    Label(student='limei', file='00-start-here.ipynb', known_as='1204', attempt=2, time=None, \
late=True)
    >>> name = "Zoë Q_77_assignsubmission_file/00.ipynb"
    >>> reader([name])(name).student
    'Zoë Q'
    """
    deciding = [name for name in names if name.endswith(".ipynb")] or list(names)
    for read in (_canvas, _moodle, _blackboard(names), _brightspace):
        if deciding and all(read(name) for name in deciding):
            return read
    return plain


def plain(name: str) -> Label:
    """Read a name in a folder that is the student's, or of a file that is."""
    folders, _, file = name.rpartition("/")
    if not folders:
        return Label(name.rpartition(".")[0] or name, name)
    file, attempt = _attempt(file)
    return Label(folders.split("/")[0], file, attempt=attempt)


def _canvas(name: str) -> Label | None:
    found = None if "/" in name else _CANVAS.fullmatch(name)
    if not found:
        return None
    file, attempt = _attempt(found["file"])
    return Label(found["student"], file, found["id"], attempt, late=bool(found["late"]))


def _moodle(name: str) -> Label | None:
    top, inside, below = name.partition("/")
    found = (_MOODLE_FOLDER if inside else _MOODLE_FILE).fullmatch(top)
    if not found or (not inside and _BLACKBOARD_WORD.search(found["student"])):
        return None
    file, attempt = _attempt(below.rpartition("/")[2] if inside else found["file"])
    return Label(found["student"], file, found["id"], attempt)


def _blackboard(names: Sequence[str]) -> Read:
    """Read ``<title>_<student>_attempt_<time>_<file>``, where title and student may have ``_``.

    All names begin with the same title; the rest of it is the student.
    """
    heads = [found["head"] for name in names if (found := _BLACKBOARD.fullmatch(name))]
    if any(map(_MOODLE_WORD.search, heads)):
        return lambda name: None
    words = [head.split("_")[:-1] for head in set(heads)]
    same = takewhile(lambda column: len(set(column)) == 1, zip(*words, strict=False))
    title = "".join(f"{column[0]}_" for column in same)

    def read(name: str) -> Label | None:
        found = None if "/" in name else _BLACKBOARD.fullmatch(name)
        if not found or not found["head"].startswith(title):
            return None
        file, attempt = _attempt(found["file"] or name)
        time = _time(found["time"], ("%Y-%m-%d-%H-%M-%S",))
        return Label(found["head"].removeprefix(title), file, "", attempt, time)

    return read


def _brightspace(name: str) -> Label | None:
    top, inside, below = name.partition("/")
    found = _BRIGHTSPACE.fullmatch(top) if inside else None
    if not found:
        return None
    file, attempt = _attempt(below.rpartition("/")[2])
    written = re.sub(r"(\d{1,2})(\d\d)( [AP]M)?$", r"\1:\2\3", found["time"] or "")
    time = _time(written, _BRIGHTSPACE_TIMES)
    return Label(found["student"] or found["only"], file, found["id"], attempt, time)


def _attempt(file: str) -> tuple[str, int]:
    """Split the number off that browsers and Canvas append to a name that is there already."""
    found = _ATTEMPT.fullmatch(file)
    if not found:
        return file, 0
    return found["stem"] + found["end"], int(found["dash"] or found["bracket"])


def _time(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None
