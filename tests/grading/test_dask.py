"""A class is graded on a cluster as on one machine, also when a part of the cluster dies.

The scheduler and its workers are real, on loopback; `make ci` has `dask.distributed` for it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from matnn_lib.cli import main
from tests.grading.submitted import RIGHT, WRONG, hand_in, notebook

pytest.importorskip("distributed", reason="dask.distributed is there in `make test-newest`")
STUDENTS = 40
SLOW = "import time\ntime.sleep(0.2)"


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("in")
    for number in range(STUDENTS):
        hand_in(folder, f"s{number:02d}", notebook(SLOW, (RIGHT, WRONG)[number % 2]))
    return folder


def grade(folder: Path, out: Path, *options: str) -> None:
    arguments = ["grade", str(folder), "--out", str(out), "--chapters", "00", "--seed", "3"]
    result = CliRunner().invoke(main, [*arguments, "--workers", "2", *options])
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def alone(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The grades of the class, graded on this machine alone."""
    out = tmp_path_factory.mktemp("alone") / "out"
    grade(handed_in, out)
    return (out / "grades.csv").read_bytes()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers: its address, and the workers' processes."""
    where = tmp_path / "scheduler.json"
    common = ["--scheduler-file", str(where), "--no-dashboard"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    programs = [
        ["scheduler", *common, "--host", "127.0.0.1", "--port", "0"],
        *[["worker", *common, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1"]] * 2,
    ]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", *program],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for program in programs
    ]
    try:
        from distributed import Client

        for _ in range(300):
            if where.exists() and where.stat().st_size:
                break
            time.sleep(0.1)
        with Client(scheduler_file=str(where)) as client:
            client.wait_for_workers(2, timeout=60)
            address = client.scheduler.address
        yield address, running[1:]
    finally:
        for process in reversed(running):
            process.kill()
            process.wait()


def test_a_cluster_gives_the_same_marks_although_a_worker_dies_half_way(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    handed_in: Path,
    alone: bytes,
    tmp_path: Path,
) -> None:
    address, workers = cluster
    killed_after = []

    def kill_one_half_way() -> None:
        raw = tmp_path / "out" / "raw"
        while len(killed_after) == 0:
            done = len([p for p in raw.glob("*") if p.is_file()]) if raw.exists() else 0
            if done >= STUDENTS // 3:
                workers[0].send_signal(signal.SIGKILL)
                killed_after.append(done)
            time.sleep(0.02)

    thread = threading.Thread(target=kill_one_half_way, daemon=True)
    thread.start()
    grade(handed_in, tmp_path / "out", "--dask", address)
    thread.join(timeout=10)
    assert workers[0].wait(10) == -signal.SIGKILL
    assert killed_after
    assert killed_after[0] < STUDENTS
    assert (tmp_path / "out" / "grades.csv").read_bytes() == alone


def test_no_scheduler_is_one_sentence(handed_in: Path, tmp_path: Path) -> None:
    arguments = ["grade", str(handed_in), "--out", str(tmp_path / "out"), "--chapters", "00"]
    result = CliRunner().invoke(main, [*arguments, "--dask", "tcp://127.0.0.1:9"])
    assert result.exit_code == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in result.output
