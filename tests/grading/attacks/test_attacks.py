"""Hostile submissions get nothing but what their right results are worth, and harm nobody."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path

import pytest
from click.testing import CliRunner

from matnn_lib.cli import main
from tests.grading.attacks import answers, exhausting, reaching, stealing, tampering
from tests.grading.attacks.arena import World, without_protection, world
from tests.grading.family import alive, command, descendants, keeping_orphans
from tests.grading.submitted import RIGHT, WRONG, hand_in, notebook

ATTACKS = {
    f"{module.__name__.rpartition('.')[2]}: {attack.name}": attack
    for module in (answers, tampering, stealing, reaching, exhausting)
    for attack in module.ATTACKS
}
YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
HONEST = {"honest 1": notebook(RIGHT), "honest 2": notebook(WRONG), "honest 3": notebook()}


@dataclass(frozen=True)
class Graded:
    """A class that was graded, and what the world looked like before and after."""

    out: Path
    rows: dict[str, dict[str, str]]
    before: object
    after: object
    left_over: list[str]


@pytest.fixture(scope="module")
def arena() -> Iterator[World]:
    with world() as built:
        yield built


def grade(folder: Path, out: Path) -> None:
    options = ["--chapters", "00", "--seed", "1", "--seconds", "2", "--workers", "2"]
    result = CliRunner().invoke(main, ["grade", str(folder), "--out", str(out), *options])
    assert result.exit_code == 0, result.output


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@contextmanager
def left_over() -> Iterator[list[str]]:
    """Note what still runs afterwards and didn't before, of all that comes from this process."""
    before, left = descendants(os.getpid()), list[str]()
    with keeping_orphans():
        yield left
        new = dict(descendants(os.getpid()).items() - before.items())
        left += [command(process) for process in alive(new)]


@pytest.fixture(scope="module")
def graded(arena: World, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """All attacks and three honest students, graded together."""
    folder, out = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out") / "graded"
    arena.put()
    for number, attack in enumerate(ATTACKS.values()):
        hand_in(folder, f"attack {number}", attack.notebook(arena))
    for student, content in HONEST.items():
        hand_in(folder, student, content)
    before = arena.state()
    resource_tracker.ensure_running()  # it serves all that this process starts, to its end
    os.environ["MATNN_SECRET"] = arena.secret
    try:
        with left_over() as left:
            grade(folder, out)
    finally:
        del os.environ["MATNN_SECRET"]
    return Graded(out, rows(out), before, arena.state(), left)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_works_where_nobody_is_on_guard(name: str, arena: World) -> None:
    attack = ATTACKS[name]
    if attack.traces and YAMA.exists() and YAMA.read_text().strip() != "0":
        pytest.skip("this Linux lets no process look into its parent, guarded or not")
    outcome = without_protection(attack, arena)
    if outcome is None:
        pytest.skip("no namespaces here, in which this could be shown without harm")
    assert attack.succeeded(arena, outcome), outcome


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_nothing_but_what_its_right_results_are_worth(
    name: str, graded: Graded
) -> None:
    attack = ATTACKS[name]
    student = f"attack {list(ATTACKS).index(name)}"
    row = graded.rows[student]
    assert row["points"] == ("5" if attack.expects == "honest" else "0"), row
    (page,) = (graded.out / "feedback").glob(f"{student.replace(' ', '-')}-*.html")
    text = page.read_text(encoding="utf-8").replace("&#39;", "'")
    if attack.expects == "zero":
        assert row["hint"]
    assert attack.reason in text


def test_honest_students_get_to_the_byte_what_they_would_get_alone(
    graded: Graded, tmp_path: Path
) -> None:
    for student, content in HONEST.items():
        hand_in(tmp_path / "in", student, content)
    grade(tmp_path / "in", tmp_path / "out")
    alone = rows(tmp_path / "out")
    assert {student: graded.rows[student] for student in HONEST} == alone
    for student in HONEST:
        pattern = f"{student.replace(' ', '-')}-*.html"
        (here,), (there,) = (
            list((out / "feedback").glob(pattern)) for out in (graded.out, tmp_path / "out")
        )
        assert here.read_bytes() == there.read_bytes()


def test_nothing_was_written_read_or_reached_outside(graded: Graded) -> None:
    assert graded.after == graded.before


def test_no_secret_is_in_anything_that_came_out(graded: Graded, arena: World) -> None:
    for path in graded.out.rglob("*"):
        if path.is_file():
            assert arena.secret.encode() not in path.read_bytes()


def test_no_process_is_left(graded: Graded) -> None:
    assert graded.left_over == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_process_whose_parent_has_ended_would_be_seen() -> None:
    with left_over() as left:
        ran = subprocess.run(["sh", "-c", "sleep 60 >&- 2>&- & echo $!"], capture_output=True)
    os.kill(int(ran.stdout), signal.SIGKILL)
    assert len(left) == 1


def test_all_kinds_are_there() -> None:
    assert len(ATTACKS) >= 60
