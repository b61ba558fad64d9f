"""The files of a folder or of a ZIP archive that was handed over, as a flat list.

Names are labels here, never paths: an archive is unpacked under names of our own, so that neither
``../`` nor a link in it leads anywhere. Nothing is read beyond a notebook's largest size. Whatever
can't be read or isn't looked into is an entry all the same, with the reason: it may be all that a
student handed in.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from matnn_lib.grading import archive
from matnn_lib.grading.entry import DEEP, DEEPEST, HIDDEN, LINK, Entry, unread, wanted

_MOST = 200_000
_MOST_TOGETHER = 1000  # notebooks in one folder
_MOST_OTHERS = 20  # other files in one folder, which only say that something was handed in


def listed(source: Path, unpack_to: Path) -> list[Entry]:
    """Return the files in a folder, or in an archive, which is unpacked into `unpack_to`.

    Raises
    ------
    ValueError
        `source` is neither, or has far more files than a class.
    """
    if source.is_dir():
        entries = _of_folder(source)
    elif archive.is_one(source):
        entries = archive.entries(source, unpack_to)
    else:
        raise ValueError(f"{source} is neither a folder nor a ZIP archive of submissions")
    found: list[Entry] = []
    for entry in _without_crowds(entries):
        if len(found) == _MOST:
            raise ValueError(f"{source} has more than {_MOST} files: is it the right one?")
        found.append(entry)
    return sorted(found, key=lambda entry: entry.name)


def _without_crowds(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Leave out what one student has by the thousand, as an environment or a data set."""
    count: Counter[tuple[str, bool]] = Counter()
    seen: set[str] = set()
    for entry in entries:
        folder = "/".join(entry.name.split("/")[:-1][:2])
        if entry.name.endswith("/"):
            if entry.name in seen or entry.name == "/":
                continue
            seen.add(entry.name)
        useful = wanted(entry.name)
        count[folder, useful] += 1
        if not folder or count[folder, useful] <= (_MOST_TOGETHER if useful else _MOST_OTHERS):
            yield entry


def _of_folder(folder: Path) -> Iterator[Entry]:
    closed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=closed.append):
        here = Path(place)
        inside = here.relative_to(folder).as_posix().removeprefix(".")
        depth = len(here.relative_to(folder).parts)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(n for n in folders if n not in links)
        if depth in (1, 2) and not (files or folders or links):
            # A student's empty folder: a name, and nothing by it.
            yield Entry(f"{inside}/", here)
        if depth == DEEPEST and folders:
            yield Entry(f"{inside}/", here, problem=DEEP)
            folders.clear()
        for name in [n for n in folders if unread(f"{n}/x.ipynb") and depth]:
            folders.remove(name)
            yield Entry(f"{inside}/", here, problem=HIDDEN)
        for file in sorted([*files, *links]):
            path = here / file
            name = path.relative_to(folder).as_posix()
            if reason := unread(name):
                yield Entry(reason[0], here, problem=reason[1])
            else:
                yield _of_file(name, path)
    for error in closed:
        path = Path(error.filename)
        name = path.relative_to(folder).as_posix() + "/"
        yield Entry(name, path, problem=f"it can't be read: {error.strerror}")


def _of_file(name: str, path: Path) -> Entry:
    try:
        status = path.lstat()
        time = datetime.fromtimestamp(status.st_mtime)
    except (OSError, ValueError, OverflowError) as error:
        return Entry(name, path, problem=f"it can't be read: {error}")
    if not stat.S_ISREG(status.st_mode):
        return Entry(name, path, time, LINK)
    if wanted(name) and not os.access(path, os.R_OK, effective_ids=True):
        return Entry(name, path, time, "it can't be read: permission denied")
    return Entry(name, path, time)
