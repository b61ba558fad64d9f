"""A run that is interrupted leaves whole files and no process, and goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matnn_lib.grading import processes, store
from tests.grading.submitted import RIGHT, WRONG, hand_in, notebook

ROOT = Path(__file__).parents[2]
STUDENTS = 16
SLOW = "import time\ntime.sleep(0.25)"


def start(folder: Path, out: Path) -> subprocess.Popen[str]:
    options = ["--chapters", "00", "--seed", "3", "--workers", "2"]
    return subprocess.Popen(
        [sys.executable, "-m", "matnn_lib", "grade", str(folder), "--out", str(out), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def of_session(leader: int) -> list[str]:
    """What still runs of a session, and of sessions whose keeper was in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            session = int((process / "stat").read_text().rpartition(")")[2].split()[3])
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if session == leader and command:
            found.append(command)
    return found


def test_ctrl_c_leaves_consistent_files_and_the_same_command_goes_on(tmp_path: Path) -> None:
    for number in range(STUDENTS):
        content = notebook(SLOW, (RIGHT, WRONG)[number % 2])
        hand_in(tmp_path / "in", f"s{number:02d}", content)
    out, raw = tmp_path / "out", tmp_path / "out" / "raw"
    running = start(tmp_path / "in", out)
    deadline = time.monotonic() + 60
    while not raw.exists() or len([p for p in raw.iterdir() if p.is_file()]) < 5:
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: everybody in the foreground
    said = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "interrupted; the same command goes on where it was" in said[1]
    assert "Traceback" not in said[1]
    assert of_session(running.pid) == []
    kept = [path for path in raw.iterdir() if path.is_file()]
    assert 5 <= len(kept) < STUDENTS
    assert all(store.read(path) for path in kept)
    assert [path for path in raw.iterdir() if not path.is_file()] == []
    times = {path: path.stat().st_mtime_ns for path in kept}
    again = start(tmp_path / "in", out)
    assert again.wait(60) == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == times
    alone = start(tmp_path / "in", tmp_path / "uninterrupted")
    assert alone.wait(60) == 0
    for table in ("grades.csv", "gradebook.csv"):
        whole = (tmp_path / "uninterrupted" / table).read_bytes()
        assert (out / table).read_bytes() == whole
    for process in (running, again, alone):
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


def dies_on_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


@pytest.mark.parametrize("at_once", [1, 4])
def test_who_kills_the_process_around_it_is_given_up_and_all_others_are_done(at_once: int) -> None:
    found = processes.results(processes.cores(2), dies_on_seven, range(12), at_once, lambda n: -n)
    assert sorted(found) == sorted([n * n for n in range(12) if n != 7] + [-7])


def test_items_are_taken_only_when_there_is_room() -> None:
    taken: list[int] = []

    def items() -> object:
        for number in range(40):
            taken.append(number)
            yield number

    results = processes.results(processes.cores(1), abs, items(), 4, abs)  # type: ignore[arg-type]
    first = next(results)
    assert len(taken) <= 8
    assert sorted([first, *results]) == list(range(40))
