"""The files of a folder or of a ZIP archive that was handed over, as a flat list.

Names are labels here, never paths: an archive is unpacked under names of our own, so that neither
``../`` nor a link in it leads anywhere. Nothing is read beyond a notebook's largest size.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from matnn_lib.grading.collect import LARGEST_NOTEBOOK

_DEEPEST = 5
_MOST = 50_000
_SKIPPED = ("__MACOSX", ".ipynb_checkpoints", "__pycache__")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its name, where its bytes are, when it was changed, why it can't be used."""

    name: str
    path: Path
    time: datetime
    problem: str = ""


def listed(source: Path, unpack_to: Path) -> list[Entry]:
    """Return the files in a folder, or in an archive, which is unpacked into `unpack_to`.

    Raises
    ------
    ValueError
        `source` is neither, or has far more files than a class.
    """
    if source.is_dir():
        entries = _of_folder(source)
    elif zipfile.is_zipfile(source):
        entries = _of_archive(source, unpack_to)
    else:
        raise ValueError(f"{source} is neither a folder nor a ZIP archive of submissions")
    found: list[Entry] = []
    for entry in entries:
        if len(found) == _MOST:
            raise ValueError(f"{source} has more than {_MOST} files: is it the right one?")
        found.append(entry)
    return sorted(found, key=lambda entry: entry.name)


def _shown(name: str) -> bool:
    parts = name.split("/")
    return not any(part.startswith(".") or part in _SKIPPED for part in parts if part != "..")


def _of_folder(folder: Path) -> Iterator[Entry]:
    for place, folders, files in os.walk(folder):
        here = Path(place)
        depth = len(here.relative_to(folder).parts)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [n for n in folders if n not in links and depth + 1 < _DEEPEST]
        if depth == 1 and not (files or folders or links):
            # A student's empty folder: a name, and nothing by it.
            yield Entry(f"{here.name}/", here, datetime.min)
        for file in [*files, *links]:
            path = here / file
            name = path.relative_to(folder).as_posix()
            if _shown(name):
                yield _of_file(name, path)


def _of_file(name: str, path: Path) -> Entry:
    status = path.lstat()
    time = datetime.fromtimestamp(status.st_mtime)
    problem = "" if stat.S_ISREG(status.st_mode) else "it is a link or device, which is not read"
    return Entry(name, path, time, problem)


def _of_archive(archive: Path, to: Path) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(archive) as opened:
            for number, info in enumerate(opened.infolist()):
                name = info.filename.replace("\\", "/")
                if not info.is_dir() and _shown(name) and number < 2 * _MOST:
                    yield _unpacked(opened, info, name, to / f"{number}")
    except zipfile.BadZipFile as error:
        raise ValueError(f"{archive} is damaged: {error}") from None


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, path: Path) -> Entry:
    try:
        time = datetime(*info.date_time)
    except ValueError:  # an archive may say that a file is of 31 February
        time = datetime(1980, 1, 1)
    if stat.S_ISLNK(info.external_attr >> 16):
        return Entry(name, path, time, "it is a link or device, which is not read")
    try:
        with archive.open(info) as packed:
            path.write_bytes(packed.read(LARGEST_NOTEBOOK + 1))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        return Entry(name, path, time, f"it can't be unpacked: {error}")
    return Entry(name, path, time)
