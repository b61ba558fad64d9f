"""Nothing that was handed in gets lost without a word, and no one pile of files stops the class."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from matnn_lib.grading import archive, entries
from matnn_lib.grading.collect import LARGEST_NOTEBOOK
from tests.grading.submitted import RIGHT, hand_in, notebook
from tests.grading.test_submissions import found_in, zipped

NOTEBOOK = notebook(RIGHT)


def patched(source: Path, offset: int, value: bytes) -> Path:
    """Change bytes in the first line of an archive's list of files."""
    content = bytearray(source.read_bytes())
    start = content.index(b"PK\x01\x02") + offset
    content[start : start + len(value)] = value
    source.write_bytes(content)
    return source


@pytest.mark.parametrize("packed", [True, False])
def test_what_is_not_looked_into_is_said(packed: bool, tmp_path: Path) -> None:
    files = {
        "anna/a/b/c/d/e/00.ipynb": "no notebook 00-….ipynb was handed in; "
        "what lies more than 5 folders deep is not read",
        "bert/.ipynb_checkpoints/00.ipynb": "no notebook 00-….ipynb was handed in; "
        "files that begin with a dot, and checkpoints, are not read",
        "carl/.00.ipynb": "no notebook 00-….ipynb was handed in; "
        "files that begin with a dot, and checkpoints, are not read",
        ".dora/00.ipynb": "",
        "emil/00.ipynb": "",
        ".git/config": "",
        ".DS_Store": "",
    }
    if packed:
        source = zipped(tmp_path / "a.zip", dict.fromkeys(files, NOTEBOOK))
    else:
        source = tmp_path / "in"
        for name in files:
            hand_in(source, "", NOTEBOOK, name)
        (source / "fritz").mkdir()
    found = {s.student: s.problem for s in found_in(source, tmp_path / "to")}
    if not packed:
        assert found.pop("fritz") == "no notebook 00-….ipynb was handed in"
    assert found == {name.split("/")[0]: said for name, said in list(files.items())[:5]}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything; this runs for everybody else")
def test_what_can_not_be_read_is_one_students_problem(tmp_path: Path) -> None:
    for name in ("anna", "bert", "carl"):
        hand_in(tmp_path / "in", name, NOTEBOOK)
    (tmp_path / "in" / "anna" / "00-start-here.ipynb").chmod(0)
    (tmp_path / "in" / "bert").chmod(0)
    anna, bert, carl = found_in(tmp_path / "in", tmp_path / "to")
    (tmp_path / "in" / "bert").chmod(0o700)
    assert "can't be read" in anna.problem
    assert "can't be read" in bert.problem
    assert not carl.problem


def test_a_folder_that_can_not_be_entered_has_an_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tmp_path, "anna", NOTEBOOK)
    hand_in(tmp_path, "bert", NOTEBOOK)
    scan = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("anna"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr("os.scandir", refusing)
    found = {e.name: e.problem for e in entries.listed(tmp_path, tmp_path)}
    assert found["anna/"] == "it can't be read: Permission denied"
    assert found["bert/00-start-here.ipynb"] == ""


def test_thousands_of_one_students_files_stop_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "_MOST", 200)
    hand_in(tmp_path, "bert", NOTEBOOK)
    hand_in(tmp_path, "anna", NOTEBOOK, "zz-00.ipynb")
    for k in range(300):
        hand_in(tmp_path, "anna", b"", f"venv/lib/{k}.py")
        hand_in(tmp_path, "anna", b"", f"{k}.txt")
    anna, bert = found_in(tmp_path, tmp_path.parent / "to")
    assert (anna.problem, bert.problem) == ("", "")


def test_only_notebooks_are_unpacked(tmp_path: Path) -> None:
    files = {f"anna/data{k}.bin": bytes(10_000) for k in range(5)} | {"anna/00.ipynb": NOTEBOOK}
    (anna,) = found_in(zipped(tmp_path / "a.zip", files), tmp_path / "to")
    assert [path.read_bytes() for path in (tmp_path / "to").iterdir()] == [NOTEBOOK]
    assert not anna.problem


def test_an_archive_unpacks_to_a_bound_and_small_notebooks_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_LEAST_BOUND", LARGEST_NOTEBOOK)
    files = {f"anna/{k}.ipynb": bytes(LARGEST_NOTEBOOK // 2) for k in range(5)}
    source = zipped(tmp_path / "a.zip", {**files, "bert/00.ipynb": NOTEBOOK})
    found = {s.student: s.problem for s in found_in(source, tmp_path / "to")}
    assert found["bert"] == ""
    size = sum(path.stat().st_size for path in (tmp_path / "to").iterdir())
    assert size <= 1.1 * LARGEST_NOTEBOOK


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_in_any_form_of_packing_is_one_students_problem(method: int, tmp_path: Path) -> None:
    source = tmp_path / "d.zip"
    with zipfile.ZipFile(source, "w", method) as opened:
        opened.writestr("anna/00.ipynb", os.urandom(3000))
        opened.writestr("bert/00.ipynb", NOTEBOOK)
    content = bytearray(source.read_bytes())
    content[60:200] = bytes(140)
    source.write_bytes(content)
    anna, bert = found_in(source, tmp_path / "to")
    assert anna.problem.startswith("it can't be unpacked")
    assert bert.read() == NOTEBOOK


@pytest.mark.parametrize(("offset", "value"), [(6, b"\xc8\x00"), (46, b"\xff\xfe")])
def test_an_archive_that_can_not_be_read_is_one_sentence(
    offset: int, value: bytes, tmp_path: Path
) -> None:
    source = zipped(tmp_path / "v.zip", {"ännä/00.ipynb": NOTEBOOK})
    with pytest.raises(ValueError, match="is damaged"):
        found_in(patched(source, offset, value), tmp_path / "to")
