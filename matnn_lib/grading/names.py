"""Who handed in a file, which attempt it is and when it came, as its name in a download says.

Known are the downloads of Canvas, Moodle, Blackboard and Brightspace, nbgrader's folders, and one
folder or one file a student.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Label:
    """What a name says. `known_as` is the system's own number of the student, where it has one."""

    student: str
    file: str
    known_as: str = ""
    attempt: int = 0
    time: datetime | None = None
    late: bool = False


_MOODLE = re.compile(r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_file(_(?P<file>.*))?")
_CANVAS = re.compile(r"(?P<student>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)")
_BLACKBOARD = re.compile(
    r".+_(?P<student>[^_]+)_attempt_(?P<time>\d{4}(-\d\d){5})(_(?P<file>.+)|\.txt)"
)
_BRIGHTSPACE = re.compile(r"(?P<id>\d+)-\d+ - (?P<student>.+?)( - (?P<time>.+))?")
_ATTEMPT = re.compile(r"(?P<stem>.+?)(-(?P<dash>\d{1,3})| ?\((?P<bracket>\d{1,3})\))(?P<end>\.\w+)")
_BRIGHTSPACE_TIMES = ("%b %d, %Y %I:%M %p", "%B %d, %Y %I:%M %p", "%d %B, %Y %H:%M")


def label(name: str) -> Label:
    """Return what the name of a file, with the folders it is in, says.

    Examples
    --------
    >>> label("limei_LATE_1204_88_00-start-here-2.ipynb")
    Label(student='limei', file='00-start-here.ipynb', known_as='1204', attempt=2, time=None, \
late=True)
    >>> label("Zoë Q_77_assignsubmission_file/00.ipynb").student
    'Zoë Q'
    """
    folders, _, file = name.rpartition("/")
    top = folders.split("/")[0] if folders else ""
    if not top:
        return _flat(file)
    file, attempt = _attempt(file)
    if found := _MOODLE.fullmatch(top):
        return Label(found["student"], file, found["id"], attempt)
    if found := _BRIGHTSPACE.fullmatch(top):
        written = re.sub(r"(\d{1,2})(\d\d)( [AP]M)?$", r"\1:\2\3", found["time"] or "")
        time = _time(written, _BRIGHTSPACE_TIMES)
        return Label(found["student"], file, found["id"], attempt, time)
    return Label(top, file, attempt=attempt)


def _flat(name: str) -> Label:
    """A file that lies in no folder: its name has everything."""
    if found := _MOODLE.fullmatch(name):
        file, attempt = _attempt(found["file"] or name)
        return Label(found["student"], file, found["id"], attempt)
    if found := _BLACKBOARD.fullmatch(name):
        file, attempt = _attempt(found["file"] or name)
        time = _time(found["time"], ("%Y-%m-%d-%H-%M-%S",))
        return Label(found["student"], file, "", attempt, time)
    if found := _CANVAS.fullmatch(name):
        file, attempt = _attempt(found["file"])
        return Label(found["student"], file, found["id"], attempt, late=bool(found["late"]))
    return Label(name.rpartition(".")[0] or name, name)


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
