"""A run that is interrupted leaves whole files and no process, and goes on where it was."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from matnn_lib.grading import collecting, processes, store
from matnn_lib.grading.collect import Answer, Collected
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.submissions import Submission
from tests.grading.family import alive, command, descendants
from tests.grading.submitted import RIGHT, WRONG, hand_in, notebook

ROOT = Path(__file__).parents[2]
STUDENTS = 16
SLOW = "import time\ntime.sleep(0.25)"


def start(folder: Path, out: Path, **more: str) -> subprocess.Popen[str]:
    options = ["--chapters", "00", "--seed", "3", "--workers", "2"]
    return subprocess.Popen(
        [sys.executable, "-m", "matnn_lib", "grade", str(folder), "--out", str(out), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **more},
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


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_grader_that_is_ended_leaves_no_process_behind(
    number: signal.Signals, tmp_path: Path
) -> None:
    for student in range(8):
        hand_in(tmp_path / "in", f"s{student:02d}", notebook(SLOW, RIGHT))
    (tmp_path / "temporary").mkdir()
    out, raw = tmp_path / "out", tmp_path / "out" / "raw"
    running = start(tmp_path / "in", out, TMPDIR=str(tmp_path / "temporary"))
    deadline = time.monotonic() + 60
    while not raw.exists() or len([p for p in raw.iterdir() if p.is_file()]) < 2:
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    others = descendants(running.pid)
    assert len(others) >= 4
    running.send_signal(number)
    said = running.communicate(timeout=30)
    deadline = time.monotonic() + 20
    while alive(others) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert alive(others) == []
    left = list((tmp_path / "temporary").iterdir())
    if number != signal.SIGKILL:  # which nobody can answer
        assert running.returncode == 1
        assert "interrupted; the same command goes on where it was" in said[1]
        assert left == []
        assert [path for path in raw.iterdir() if not path.is_file()] == []


def test_nohup_is_respected() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with processes.interruptible():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_inputs_of_a_killed_run_are_removed_but_not_those_of_a_running_one(tmp_path: Path) -> None:
    (tmp_path / "inputs-killed").mkdir()
    (tmp_path / "inputs-killed" / "hidden").write_text("7")
    with collecting._folder_of_inputs(tmp_path) as first:
        with collecting._folder_of_inputs(tmp_path) as second:
            assert sorted(tmp_path.iterdir()) == sorted([first, second])
        assert list(tmp_path.iterdir()) == [first]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("slow", [True, False])
def test_what_was_slow_is_done_only_after_its_second_run(slow: bool, tmp_path: Path) -> None:
    path = hand_in(tmp_path, "anna", notebook(RIGHT))
    submission, plan = Submission("anna", path.name, path, 0), Plan((0,), 1)
    kept = Collected(submission.key, [Answer(None, "it did not end within 3 s")], slow=slow)
    store.write(tmp_path / submission.key, kept, plan.digest(path.read_bytes()))
    assert collecting._done(submission, plan, tmp_path) is not slow


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


def dies_with_the_lock(held: Path, number: int) -> int:
    """Be killed in the middle of returning a result, as by a system that is out of memory."""
    if number == 0:
        frame = sys._getframe()
        while "result_queue" not in frame.f_locals:
            assert frame.f_back is not None
            frame = frame.f_back
        frame.f_locals["result_queue"]._wlock.acquire()
        held.touch()
        time.sleep(0.5)  # until the other has a result and waits for the lock
        os.kill(os.getpid(), signal.SIGKILL)
    while not held.exists():
        time.sleep(0.01)
    return number


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks nothing here")
def test_who_is_killed_while_it_returns_a_result_holds_nobody_up(tmp_path: Path) -> None:
    function = partial(dies_with_the_lock, tmp_path / "held")
    found = processes.results(processes.cores(2), function, range(4), 4, lambda number: -1 - number)
    assert sorted(found) == [-1, 1, 2, 3]


def holds_on(seconds: float, began: Path) -> None:
    end = time.monotonic() + seconds
    began.touch()
    while time.monotonic() < end:
        with contextlib.suppress(BaseException):
            time.sleep(0.1)


def interrupted_while_holding_on(began: Path) -> None:
    with processes.pool(1) as executor:
        executor.submit(holds_on, 60.0, began)
        while not began.exists():
            time.sleep(0.02)
        raise KeyboardInterrupt


def test_a_process_that_catches_its_end_is_ended_after_a_grace(tmp_path: Path) -> None:
    family, begin = descendants(os.getpid()), time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted_while_holding_on(tmp_path / "began")
    assert time.monotonic() - begin < 40
    new = dict(descendants(os.getpid()).items() - family.items())
    assert [p for p in alive(new) if "resource_tracker" not in command(p)] == []


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
