"""The files of a ZIP archive: notebooks are unpacked, up to a bound; others only named."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from matnn_lib.grading.collect import LARGEST_NOTEBOOK
from matnn_lib.grading.entry import LINK, Entry, unread, wanted

_LEAST_BOUND = 1 << 30
_OFTEN = 30  # notebooks shrink to a tenth at best
# Everything that damage in a member, or a method that isn't known here, ends in.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def is_one(path: Path) -> bool:
    """Return whether there is a ZIP archive at `path`."""
    return zipfile.is_zipfile(path)


def entries(archive: Path, to: Path) -> Iterator[Entry]:
    """Yield the files in an archive; what is worth reading lies in `to` then.

    Raises
    ------
    ValueError
        The list of files in the archive is damaged.
    """
    try:
        opened = zipfile.ZipFile(archive)
    except UnicodeDecodeError:
        raise ValueError(f"{archive} is damaged: a name in it is not UTF-8") from None
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ValueError(f"{archive} is damaged: {error}") from None
    left = max(_LEAST_BOUND, _OFTEN * archive.stat().st_size)
    with opened:
        # Small ones first, so that nobody's huge one leaves no room for them.
        members = sorted(enumerate(opened.infolist()), key=lambda member: member[1].file_size)
        for number, info in members:
            parts = info.filename.replace("\\", "/").split("/")
            name = "/".join(part for part in parts if part not in ("", "."))
            if info.is_dir():
                # A student's empty folder; of the others the files say more.
                if name.count("/") < 2 and not unread(f"{name}/x.ipynb"):
                    yield Entry(f"{name}/", to)
            elif reason := unread(name):
                yield Entry(reason[0], to, problem=reason[1])
            else:
                entry = _entry(opened, info, name, to / f"{number}", left)
                left -= entry.path.stat().st_size if entry.path.is_file() else 0
                yield entry


def _entry(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, path: Path, left: int
) -> Entry:
    try:
        time = datetime(*info.date_time)
    except ValueError:  # an archive may say that a file is of 31 February
        time = datetime(1980, 1, 1)
    if stat.S_ISLNK(info.external_attr >> 16):
        return Entry(name, path, time, LINK)
    if not wanted(name):
        return Entry(name, path, time)
    if min(info.file_size, LARGEST_NOTEBOOK) > left:
        return Entry(name, path, time, "the archive unpacks to far more than a class's notebooks")
    try:
        with opened.open(info) as packed:
            content = packed.read(LARGEST_NOTEBOOK + 1)
    except _DAMAGE as error:
        return Entry(name, path, time, f"it can't be unpacked: {error}")
    path.write_bytes(content)
    return Entry(name, path, time)
