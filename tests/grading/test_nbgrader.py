"""The real nbgrader releases and grades the course's notebooks; it is installed for `make ci`."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from matnn_lib.exercises import registry
from matnn_lib.grading import notebooks

pytest.importorskip("nbgrader", reason="nbgrader is there in `make test-newest`")
ROOT = Path(__file__).parents[2]
SOLUTIONS = ROOT / "exercises" / "solutions"
CHAPTERS = registry.chapters()


def nbgrader(course: Path, *arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        capture_output=True,
        text=True,
        # nbgrader calls a program of its own (alembic) by name.
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of nbgrader's: all chapters, released, answered rightly, partly and not at all."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "exercises" / "nbgrader_config.py", root)
    for chapter in CHAPTERS:
        worked = notebooks.find(SOLUTIONS, chapter)
        (root / "source" / "ps").mkdir(parents=True, exist_ok=True)
        shutil.copy(worked, root / "source" / "ps")
    nbgrader(root, "generate_assignment", "ps", "--create")
    for student, folder in (("worked", "source"), ("untouched", "release")):
        shutil.copytree(root / folder / "ps", root / "submitted" / student / "ps")
    path = root / "submitted" / "partly" / "ps" / notebooks.find(SOLUTIONS, 0).name
    path.parent.mkdir(parents=True)
    shutil.copy(notebooks.find(SOLUTIONS, 0), path)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("np.log10(norms[-1]) - np.log10(norms[0])", "np.log10(norms[-1] / norms[0])"),
        "utf-8",
    )
    nbgrader(root, "autograde", "ps")
    nbgrader(root, "export")
    return root


def test_nbgrader_releases_what_matnn_releases(course: Path) -> None:
    for chapter in CHAPTERS:
        released = notebooks.read(notebooks.find(course / "release" / "ps", chapter))
        ours = notebooks.question(notebooks.read(notebooks.find(SOLUTIONS, chapter)))
        assert [cell.id for cell in released.cells] == [cell.id for cell in ours.cells]
        assert "BEGIN SOLUTION" not in str(released)
        for theirs, own in zip(released.cells, ours.cells, strict=True):
            if own.cell_type == "code":
                # At the margin nbgrader leaves a stub where we leave nothing.
                assert theirs.source.replace("\n...", "") == own.source.replace("\n...", "")


def test_nbgrader_gives_the_points_that_the_exercises_have(course: Path) -> None:
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    points = sum(e.points for n in CHAPTERS for e in registry.chapter(n) if e.kind != "text")
    assert float(rows["worked"]["score"]) == points
    assert float(rows["untouched"]["score"]) == 0
    assert float(rows["partly"]["score"]) == 4
