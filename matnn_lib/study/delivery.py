"""Deliver the course into a learner's folder, and never over what the learner wrote there.

The folder remembers, in .matnn/manifest.json, the hash of each file as it was delivered. A file
that still has that hash is the course's and follows the course; any other is the learner's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from matnn_lib.study.files import write_whole

DELIVERED_FOLDERS = ("chapters", "exercises")
MANIFEST = Path(".matnn", "manifest.json")


class Delivery(NamedTuple):
    """What a delivery did, as paths relative to the learner's folder."""

    added: list[str]
    """Files that were not there: new in the course, or deleted by the learner."""
    updated: list[str]
    """Files that the learner had not touched, and the course has changed or dropped."""
    kept: list[str]
    """Files that the learner has changed, and the course too since it delivered them."""


def deliver(course: Path, work: Path) -> Delivery:
    """Bring the learner's folder `work` up to date with `course`, keeping the learner's changes.

    Chapters arrive without their outputs, so that a prediction comes before its result.
    Interrupted at any moment, it leaves whole files, and the next delivery goes on.

    Raises
    ------
    ValueError
        `work` is the course's own folder, or lies where its notebooks are; or a chapter is
        damaged.
    OSError
        `work` can't be made or written (it is a file, or there is no permission).
    """
    _check_apart(course, work)
    try:
        (work / MANIFEST).parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise NotADirectoryError(
            f"the course can't be copied to {work}, as a file is in the way: move it, or name "
            "another folder with --to"
        ) from None
    delivered = _read_manifest(work / MANIFEST)
    delivery = Delivery([], [], [])
    current: dict[str, str] = {}
    for name, content in _course_files(course):
        current[name] = _sha256(content)
        there = _hash_of(work / name)
        if there is None:
            delivery.added.append(name)
        elif there == current[name]:
            continue
        elif there == delivered.get(name):
            delivery.updated.append(name)
        else:
            if current[name] != delivered.get(name):
                delivery.kept.append(name)
                current[name] = delivered.get(name, "")
            continue
        write_whole(work / name, content)
    for name in sorted(delivered.keys() - current.keys()):
        if _hash_of(work / name) == delivered[name]:
            (work / name).unlink()
            delivery.updated.append(name)
    write_whole(work / MANIFEST, json.dumps(current, indent=1, sort_keys=True).encode())
    return delivery


def _check_apart(course: Path, work: Path) -> None:
    target, source = work.resolve(), course.resolve()
    inside = any(target.is_relative_to(source / name) for name in (*DELIVERED_FOLDERS, "matnn_lib"))
    if target == source or inside:
        raise ValueError(f"the course can't be copied onto itself: {work} is part of it")


def _course_files(course: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each file to deliver: its path, with slashes on every system, and its content."""
    for folder in DELIVERED_FOLDERS:
        for path in sorted((course / folder).rglob("*")):
            relative = path.relative_to(course)
            if path.is_file() and not any(part.startswith((".", "__")) for part in relative.parts):
                is_chapter = folder == "chapters" and path.suffix == ".ipynb"
                content = _without_outputs(path) if is_chapter else path.read_bytes()
                yield relative.as_posix(), content


def _without_outputs(path: Path) -> bytes:
    """Return the notebook at `path` less its outputs, in the layout that Jupyter writes."""
    try:
        notebook = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{path} is damaged; get the course's own back with: git checkout -- {path.name}"
        ) from None
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hash_of(path: Path) -> str | None:
    """Return the hash of the file at `path`, or None where there is nothing."""
    try:
        return _sha256(path.read_bytes())
    except FileNotFoundError:
        return None


def _read_manifest(path: Path) -> dict[str, str]:
    """Return the hash of each file as delivered; without a legible manifest all is the learner's.

    That errs on the safe side: what differs from the course is then kept.
    """
    try:
        manifest = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(manifest, dict):
        return {}
    return {str(name): str(digest) for name, digest in manifest.items()}
