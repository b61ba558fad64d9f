"""Whatever form the pile comes in, each student's latest notebook is found, and nothing else."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.grading import entries, submissions
from matnn_lib.grading.collect import LARGEST_NOTEBOOK
from matnn_lib.grading.names import Label, reader
from matnn_lib.grading.submissions import Submission
from tests.grading.submitted import RIGHT, hand_in, notebook

NOTEBOOK = notebook(RIGHT)


def zipped(
    path: Path, files: dict[str, bytes], times: dict[str, tuple[int, ...]] | None = None
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (times or {}).get(name, (2026, 11, 20, 12, 0, 0)))
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


def found_in(source: Path, to: Path, chapters: tuple[int, ...] = (0,)) -> list[Submission]:
    to.mkdir(exist_ok=True)
    return submissions.find(entries.listed(source, to), chapters)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("anna/00-start.ipynb", Label("anna", "00-start.ipynb")),
        ("anna/ps1/00-start.ipynb", Label("anna", "00-start.ipynb")),
        ("anna/00-start (2).ipynb", Label("anna", "00-start.ipynb", attempt=2)),
        ("limei_1204_88_00-start.ipynb", Label("limei", "00-start.ipynb", "1204")),
        (
            "limei_LATE_1204_88_00-start-3.ipynb",
            Label("limei", "00-start.ipynb", "1204", 3, late=True),
        ),
        ("Li Mei_77_assignsubmission_file_/00.ipynb", Label("Li Mei", "00.ipynb", "77")),
        ("Li Mei_77_assignsubmission_file_00.ipynb", Label("Li Mei", "00.ipynb", "77")),
        ("O'Neil_Jr_77_assignsubmission_file/a/00.ipynb", Label("O'Neil_Jr", "00.ipynb", "77")),
        (
            "Homework 1_mei12_attempt_2026-11-20-13-05-09_00-start.ipynb",
            Label("mei12", "00-start.ipynb", time=datetime(2026, 11, 20, 13, 5, 9)),
        ),
        (
            "1234-5678 - Li Mei - Nov 20, 2026 105 PM/00.ipynb",
            Label("Li Mei", "00.ipynb", "1234", time=datetime(2026, 11, 20, 13, 5)),
        ),
        ("1234-5678 - Li Mei - yesterday/00.ipynb", Label("Li Mei", "00.ipynb", "1234")),
        ("anna.ipynb", Label("anna", "anna.ipynb")),
    ],
)
def test_names_of_downloads_say_who_and_when(name: str, expected: Label) -> None:
    assert reader([name])(name) == expected


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_every_name_alone_has_a_label(name: str) -> None:
    read = reader([name])(name)
    assert read is not None
    assert isinstance(read.student, str)


def test_a_canvas_archive_is_understood_and_the_latest_attempt_wins(tmp_path: Path) -> None:
    source = zipped(
        tmp_path / "c.zip",
        {
            "limei_12_90_00-start.ipynb": b"first",
            "limei_12_95_00-start-2.ipynb": b"third",
            "limei_12_93_00-start-1.ipynb": b"second",
            "zoe_LATE_13_91_00-start.ipynb": b"zoe",
            "zoe_13_92_essay.pdf": b"%PDF",
        },
    )
    mei, zoe = found_in(source, tmp_path / "to")
    assert (mei.student, mei.known_as, mei.read(), mei.late) == ("limei", "12", b"third", False)
    assert (zoe.student, zoe.read(), zoe.late) == ("zoe", b"zoe", True)


def test_a_moodle_archive_is_understood(tmp_path: Path) -> None:
    source = zipped(
        tmp_path / "m.zip",
        {
            "Li Mei_77_assignsubmission_file_/00.ipynb": b"mei",
            "Li Mei_78_assignsubmission_file_/00.ipynb": b"another mei",
            "Zoë Q_79_assignsubmission_onlinetext_/onlinetext.html": b"hello",
            "Zoë Q_79_assignsubmission_file_/__MACOSX/._00.ipynb": b"junk",
            "Zoë Q_79_assignsubmission_file_/00.ipynb": b"zoe",
        },
    )
    found = {s.student: s.read() for s in found_in(source, tmp_path / "to") if not s.problem}
    assert found == {"Li Mei (77)": b"mei", "Li Mei (78)": b"another mei", "Zoë Q": b"zoe"}


def test_the_later_of_two_times_wins(tmp_path: Path) -> None:
    source = zipped(
        tmp_path / "b.zip",
        {
            "HW_mei_attempt_2026-11-20-13-05-09_00.ipynb": b"old",
            "HW_mei_attempt_2026-11-21-09-00-00_00.ipynb": b"new",
            "HW_mei_attempt_2026-11-21-09-00-00.txt": b"Name: Mei",
        },
    )
    (mei,) = found_in(source, tmp_path / "to")
    assert (mei.read(), mei.time) == (b"new", datetime(2026, 11, 21, 9))


def test_nbgraders_folders_are_understood_with_their_timestamps(tmp_path: Path) -> None:
    hand_in(tmp_path / "submitted", "anna", b"a", "ps1/00-start.ipynb")
    stamp = b"2026-11-20 15:58:23.948203 UTC"
    hand_in(tmp_path / "submitted", "anna", stamp, "ps1/timestamp.txt")
    (anna,) = found_in(tmp_path, tmp_path.parent / "to")
    assert (anna.student, anna.read(), anna.problem) == ("anna", b"a", "")
    assert anna.time == datetime(2026, 11, 20, 15, 58, 23)


def test_several_chapters_are_several_submissions_and_a_missing_one_is_said(tmp_path: Path) -> None:
    hand_in(tmp_path, "anna", b"a0", "00-start.ipynb")
    hand_in(tmp_path, "anna", b"a4", "04-svd.ipynb")
    hand_in(tmp_path, "bert", b"b0", "00-start.ipynb")
    hand_in(tmp_path, "bert", b"pdf", "04-svd.pdf")
    found = found_in(tmp_path, tmp_path.parent / "to", (0, 4, 7))
    assert [(s.student, s.chapter, bool(s.problem)) for s in found] == [
        ("anna", 0, False),
        ("anna", 4, False),
        ("bert", 0, False),
        ("bert", 4, True),
    ]
    problem = found[-1].problem
    assert problem == "no notebook 04-….ipynb was handed in, but 00-start.ipynb, 04-svd.pdf"


def test_with_one_chapter_any_notebook_without_another_number_is_its_own(tmp_path: Path) -> None:
    hand_in(tmp_path, "anna", b"a", "My Solution.ipynb")
    hand_in(tmp_path, "bert", b"b", "01-other.ipynb")
    anna, bert = found_in(tmp_path, tmp_path.parent / "to")
    assert (anna.read(), anna.problem) == (b"a", "")
    assert bert.problem


def test_the_order_of_files_on_the_disk_does_not_matter(tmp_path: Path) -> None:
    for name in ("first", "second"):
        for student in sorted("abcde", reverse=name == "first"):
            hand_in(tmp_path / name, student, student.encode(), "00.ipynb")
    keys = [[s.key for s in found_in(tmp_path / n, tmp_path / "to")] for n in ("first", "second")]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    "name",
    ["../../evil/00.ipynb", "/etc/evil/00.ipynb", "..\\..\\evil\\00.ipynb", "C:\\evil\\00.ipynb"],
)
def test_no_name_in_an_archive_leads_out_of_it(name: str, tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", {name: NOTEBOOK, "anna/00.ipynb": NOTEBOOK})
    before = sorted(path for path in tmp_path.parent.parent.rglob("*") if "evil" in path.name)
    found = found_in(source, tmp_path / "to")
    assert "anna" in {s.student for s in found}
    assert all(s.problem or s.path.parent == tmp_path / "to" for s in found)
    assert sorted(p for p in tmp_path.parent.parent.rglob("*") if "evil" in p.name) == before
    assert not Path("/etc/evil").exists()


def test_links_in_archives_and_folders_are_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("bert/00.ipynb", (2026, 1, 1, 0, 0, 0))
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    (bert,) = found_in(tmp_path / "a.zip", tmp_path / "to")
    assert bert.problem == "it is a link or device, which is not read"
    folder = tmp_path / "in"
    hand_in(folder, "anna", NOTEBOOK)
    (folder / "carl").mkdir()
    (folder / "carl" / "00.ipynb").symlink_to(folder / "anna" / "00-start-here.ipynb")
    (folder / "dora").symlink_to(folder / "anna")
    os.mkfifo(folder / "carl" / "00-pipe.ipynb")
    found = {s.student: s for s in found_in(folder, tmp_path / "to")}
    assert found["carl"].problem == "it is a link or device, which is not read"
    assert not found["anna"].problem
    assert "dora" in found
    assert found["dora"].problem


def test_a_bomb_is_read_only_to_the_largest_size(tmp_path: Path) -> None:
    source = zipped(tmp_path / "b.zip", {"anna/00.ipynb": bytes(3 * LARGEST_NOTEBOOK)})
    assert source.stat().st_size < 100_000
    (anna,) = found_in(source, tmp_path / "to")
    assert len(anna.read()) == LARGEST_NOTEBOOK + 1


def test_a_damaged_or_encrypted_member_is_one_students_problem(tmp_path: Path) -> None:
    source = zipped(tmp_path / "d.zip", {"anna/00.ipynb": b"x" * 500, "bert/00.ipynb": NOTEBOOK})
    content = bytearray(source.read_bytes())
    content[45] ^= 0xFF
    source.write_bytes(content)
    anna, bert = found_in(source, tmp_path / "to")
    assert anna.problem.startswith("it can't be unpacked")
    assert bert.read() == NOTEBOOK
    # The bit that says "encrypted", in the local header and in the directory.
    locked = bytearray(zipped(tmp_path / "e.zip", {"anna/00.ipynb": NOTEBOOK}).read_bytes())
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "e.zip").write_bytes(locked)
    (anna,) = found_in(tmp_path / "e.zip", tmp_path / "to")
    assert "can't be unpacked" in anna.problem


def test_impossible_dates_in_an_archive_do_no_harm(tmp_path: Path) -> None:
    content = bytearray(zipped(tmp_path / "d.zip", {"anna/00.ipynb": NOTEBOOK}).read_bytes())
    for magic, offset in ((b"PK\x03\x04", 10), (b"PK\x01\x02", 12)):
        struct.pack_into("<HH", content, content.index(magic) + offset, 0xFFFF, 0xFFFF)
    (tmp_path / "d.zip").write_bytes(content)
    assert found_in(tmp_path / "d.zip", tmp_path / "to")[0].read() == NOTEBOOK


def test_a_pile_within_the_pile_is_not_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("00.ipynb", NOTEBOOK)
    source = zipped(
        tmp_path / "o.zip", {"bert/work.zip": inner.getvalue(), "anna/00.ipynb": NOTEBOOK}
    )
    bert = found_in(source, tmp_path / "to")[1]
    assert bert.problem == "no notebook 00-….ipynb was handed in, but work.zip"


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken"])
def test_what_is_neither_folder_nor_archive_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(ValueError, match="neither a folder nor a ZIP archive"):
        entries.listed(tmp_path / "x.zip", tmp_path)


def test_students_who_would_look_the_same_are_told_apart(tmp_path: Path) -> None:
    for name in ("anna", "an\u200bna", "anna "):
        hand_in(tmp_path, name, NOTEBOOK)
    found = found_in(tmp_path, tmp_path.parent / "to")
    assert len({s.student for s in found}) == 3
    assert len({s.key for s in found}) == 3
