"""The learner's record: kept whole, in a learner's copy alone, and never in the learner's way."""

import errno
import json
import stat

import numpy as np
import pytest

from matnn_lib.study import memory, storage
from matnn_lib.study.files import write_whole
from matnn_lib.study.memory import learner_folder, remember


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A learner's copy of the course, in a chapter's folder of which we are."""
    (tmp_path / ".matnn").mkdir()
    (tmp_path / "chapters").mkdir()
    monkeypatch.chdir(tmp_path / "chapters")
    return tmp_path / ".matnn"


def record(copy):
    return json.loads((copy / "reader.json").read_text(encoding="utf-8"))


def test_what_is_remembered_is_added_to_what_was(copy):
    remember("predictions", {"00.a": 0.5})
    remember("predictions", {"00.b": -3.0, "00.a": 1.0})
    remember("recall 00", {"right": 2})
    assert record(copy) == {"predictions": {"00.a": 1.0, "00.b": -3.0}, "recall 00": {"right": 2}}


def test_outside_a_learners_copy_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    remember("predictions", {"00.a": 0.5})
    assert list(tmp_path.iterdir()) == []
    assert learner_folder() is None
    assert capsys.readouterr().out == ""


def test_the_nearest_folder_above_is_the_learners(copy, monkeypatch):
    assert learner_folder() == copy
    inner = copy.parent / "chapters" / ".matnn"
    inner.write_text("a file is no folder")
    assert learner_folder() == copy
    inner.unlink()
    inner.mkdir()
    assert learner_folder() == inner


@pytest.mark.parametrize(
    "damaged",
    ["", "{", "[]", "3", '"text"', '{"predictions": 3}', '{"predictions": ["00.a"]}', b"\xff\xfe"],
)
def test_a_damaged_record_is_begun_anew(copy, damaged):
    content = damaged if isinstance(damaged, bytes) else damaged.encode()
    (copy / "reader.json").write_bytes(content)
    remember("predictions", {"00.a": 0.5})
    assert record(copy)["predictions"] == {"00.a": 0.5}


def test_what_is_sound_in_a_damaged_record_stays(copy):
    (copy / "reader.json").write_text('{"predictions": 3, "recall 00": {"right": 1}}')
    remember("predictions", {"00.a": 0.5})
    assert record(copy)["recall 00"] == {"right": 1}


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, "Permission denied"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EROFS, "Read-only file system"),
    ],
)
def test_a_record_that_cannot_be_written_does_not_stop_the_learner(
    copy, error, monkeypatch, capsys
):
    def fail(path, content):
        raise error

    remember("predictions", {"00.a": 0.5})
    monkeypatch.setattr(memory, "write_whole", fail)
    remember("predictions", {"00.a": 0.7})
    assert record(copy) == {"predictions": {"00.a": 0.5}}
    shown = capsys.readouterr().out
    assert shown.count("\n") == 1
    assert "not kept" in shown
    assert error.strerror in shown


def test_a_folder_in_the_records_place_does_not_stop_the_learner(copy, capsys):
    (copy / "reader.json").mkdir()
    remember("predictions", {"00.a": 0.5})
    assert "not kept" in capsys.readouterr().out
    assert [path.name for path in copy.iterdir()] == ["reader.json"]


def test_a_record_that_cannot_be_read_is_not_overwritten(copy, monkeypatch, capsys):
    remember("predictions", {"00.a": 0.5})

    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as blind:
        blind.setattr(memory, "_read", refuse)
        remember("recall 00", {"right": 1})
    assert record(copy) == {"predictions": {"00.a": 0.5}}
    assert "not kept" in capsys.readouterr().out


def test_an_interrupted_write_leaves_the_old_record(copy, monkeypatch):
    remember("predictions", {"00.a": 0.5})

    def interrupt(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        remember("predictions", {"00.a": 0.7})
    assert record(copy) == {"predictions": {"00.a": 0.5}}
    assert [path.name for path in copy.iterdir()] == ["reader.json"]


def test_a_written_file_is_for_others_to_read_too(tmp_path):
    path = tmp_path / "evidence.json"
    write_whole(path, "τ = 1\n".encode())
    assert path.read_bytes() == "τ = 1\n".encode()
    (tmp_path / "plain").write_bytes(b"")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert not list(tmp_path.glob(".*"))


def test_versions_are_those_of_what_computes():
    versions = storage.versions()
    assert list(versions) == ["python", "numpy", "scipy"]
    assert versions["numpy"] == np.__version__
    assert all(part.isdigit() for part in versions["python"].split(".")[:2])
