"""Answers that were kept count only as long as nothing has changed that they depend on."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

import matnn_lib
from matnn_lib.grading import prepare
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.submissions import Submission
from tests.grading.submitted import RIGHT, hand_in, notebook

EXERCISES = Path(matnn_lib.__file__).parent / "exercises"


@pytest.mark.parametrize("module", ["ch02.py", "ch02_spectra.py", "compare.py", "exercise.py"])
def test_a_change_in_any_module_of_the_exercises_is_noticed(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(EXERCISES, tmp_path / "exercises")
    monkeypatch.setattr(matnn_lib, "__file__", str(tmp_path / "__init__.py"))
    before = Plan((2,), 1).digest(b"notebook")
    assert Plan((2,), 1).digest(b"notebook") == before
    path = tmp_path / "exercises" / module
    path.write_bytes(path.read_bytes() + b"\n# changed\n")
    assert Plan((2,), 1).digest(b"notebook") != before


def test_notebook_seed_and_private_exercises_are_part_of_it(tmp_path: Path) -> None:
    private = tmp_path / "mine.py"
    digests = []
    for text in ("x = 1", "x = 2"):
        private.write_text(text)
        digests.append(Plan((0,), 1, private=str(private)).digest(b"a"))
    digests += [Plan((0,), 1).digest(b"a"), Plan((0,), 2).digest(b"a"), Plan((0,), 1).digest(b"b")]
    assert len(set(digests)) == 5


def test_a_plan_that_has_been_asked_travels_to_another_process() -> None:
    plan = Plan((0,), 1)
    digest = plan.digest(b"a")
    other = pickle.loads(pickle.dumps(plan))
    assert other == plan
    assert other.digest(b"a") == digest


def test_every_attempt_is_asked_about_inputs_of_its_own_and_the_same_text_about_the_same(
    tmp_path: Path,
) -> None:
    asked = []
    for code in (RIGHT, RIGHT + "# again", RIGHT):
        path = hand_in(tmp_path, "anna", notebook(code))
        submission = Submission("anna", path.name, path, 0)
        prepare.write([submission], Plan((0,), 1), tmp_path)
        asked.append((tmp_path / submission.key).read_bytes())
    assert asked[0] == asked[2] != asked[1]
    problem = Submission("anna", "", tmp_path / "missing", 0, problem="it is a link")
    assert prepare.attempt(problem) == ""
