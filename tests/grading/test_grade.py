"""Submissions are graded by their right results alone, and a bad one stops no other."""

from __future__ import annotations

import csv
import json
import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from matnn_lib.cli import main
from matnn_lib.exercises import registry
from matnn_lib.grading import collect, keeper, prepare, store
from matnn_lib.grading.mark import decoded, judgements
from matnn_lib.grading.processes import apart
from matnn_lib.grading.worker import frames
from tests.grading.submitted import RIGHT, WRONG, hand_in, notebook

ROOT = Path(__file__).parents[2]


def grade(folder: Path, out: Path, *options: str) -> Result:
    arguments = ["grade", str(folder), "--out", str(out), "--chapters", "00", "--seed", "1"]
    return CliRunner().invoke(main, [*arguments, "--workers", "2", *options])


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A class of honest, wrong and odd submissions, graded once."""
    folder, out = tmp_path_factory.mktemp("handed-in"), tmp_path_factory.mktemp("graded") / "out"
    solutions, questions = ROOT / "exercises" / "solutions", ROOT / "exercises"
    hand_in(folder, "worked", next(solutions.glob("00-*.ipynb")).read_bytes())
    hand_in(folder, "untouched", next(questions.glob("00-*.ipynb")).read_bytes())
    hand_in(folder, "wrong", notebook(WRONG))
    hand_in(folder, "no notebook", b"Dear teacher, my dog ate it.")
    hand_in(folder, "no answer", notebook("x = 1"))
    hand_in(folder, "leaves", notebook("import sys", "sys.exit()", "def orders_of_magnitude(n):"))
    hand_in(folder, "leaves hard", notebook("import os", "os._exit(0)"))
    hand_in(folder, "leaves when asked", notebook(RIGHT.replace("return", "raise SystemExit;")))
    hand_in(folder, "crashes", notebook(RIGHT.replace("np.log10(norms[0])", "norms['first']")))
    hand_in(folder, "loops", notebook("while True: pass"))
    hand_in(folder, "=evil()\u202e<script>", notebook(RIGHT, "print('<script>alert(1)</script>')"))
    hand_in(folder, "wrong type", notebook("orders_of_magnitude = 3"))
    hand_in(folder, "nbgrader", notebook(RIGHT), "ps1/00-start-here.ipynb")
    hand_in(folder, "a text", b"hello", "00.txt")
    (folder / "nothing").mkdir()
    (folder / "a link").mkdir()
    (folder / "a link" / "00.ipynb").symlink_to(folder / "worked" / "00-start-here.ipynb")
    result = grade(folder, out, "--seconds", "2")
    assert result.exit_code == 0, result.output
    return folder, out


def test_the_worked_notebook_of_chapter_00_gets_full_marks(graded: tuple[Path, Path]) -> None:
    row = rows(graded[1])["worked"]
    assert (row["points"], row["of"], row["status"], row["hint"]) == ("5", "5", "right", "")


def test_an_nbgrader_folder_is_understood(graded: tuple[Path, Path]) -> None:
    assert rows(graded[1])["nbgrader"]["points"] == "5"


@pytest.mark.parametrize(
    ("student", "status", "reason"),
    [
        ("untouched", "not answered", "not answered"),
        ("wrong", "wrong", "your answer is 2.303 times too large"),
        ("no notebook", "wrong", "it is not a notebook: Expecting value"),
        ("no answer", "not answered", "not answered"),
        ("leaves", "not answered", "not answered"),
        ("leaves hard", "wrong", "in cell 2, it ended the process with status 0"),
        ("leaves when asked", "wrong", "it raised SystemExit (cell 1, line 4)"),
        ("crashes", "wrong", "it raised IndexError (cell 1, line 4)"),
        ("loops", "wrong", "cell 1 did not end within 2 s"),
        ("wrong type", "wrong", "it is not a function"),
        ("a text", "wrong", "no notebook 00-….ipynb was handed in, but 00.txt"),
        ("nothing", "wrong", "no notebook 00-….ipynb was handed in"),
        ("a link", "wrong", "it is a link or device, which is not read"),
    ],
)
def test_what_is_no_right_answer_gets_nothing_and_its_reason(
    graded: tuple[Path, Path], student: str, status: str, reason: str
) -> None:
    row = rows(graded[1])[student]
    assert (row["points"], row["status"]) == ("0", status)
    assert reason in row["hint"]
    page = next((graded[1] / "feedback").glob(f"{student.replace(' ', '-')}-*.html"))
    text = page.read_text(encoding="utf-8")
    assert "0 of 5 points" in text


def test_names_and_prints_of_students_are_harmless_in_table_and_page(
    graded: tuple[Path, Path],
) -> None:
    row = rows(graded[1])["'=evil()<script>"]
    assert row["points"] == "5"
    page = next((graded[1] / "feedback").glob("evil-script-*.html")).read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_same_submissions_and_seed_give_the_same_bytes(
    graded: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, out = graded
    few = tmp_path / "few"
    for student in ("worked", "wrong", "crashes"):
        hand_in(few, student, (folder / student / "00-start-here.ipynb").read_bytes())
    for name in ("first", "second"):
        assert grade(few, tmp_path / name).exit_code == 0
    for table in ("grades.csv", "gradebook.csv"):
        assert (tmp_path / "first" / table).read_bytes() == (
            tmp_path / "second" / table
        ).read_bytes()
    pages = [sorted((tmp_path / name / "feedback").iterdir()) for name in ("first", "second")]
    assert [p.read_bytes() for p in pages[0]] == [p.read_bytes() for p in pages[1]]
    # Nor does it matter who else handed something in.
    assert {s: rows(out)[s] for s in rows(tmp_path / "first")} == rows(tmp_path / "first")


def test_what_was_collected_is_run_again_only_when_the_notebook_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tmp_path / "in", "anna", notebook(WRONG))
    assert grade(tmp_path / "in", tmp_path / "out").exit_code == 0
    before = (tmp_path / "out" / "grades.csv").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("matnn_lib.grading.collecting.results", None)
        assert grade(tmp_path / "in", tmp_path / "out").exit_code == 0
        assert (tmp_path / "out" / "grades.csv").read_bytes() == before
    hand_in(tmp_path / "in", "anna", notebook(RIGHT))
    assert grade(tmp_path / "in", tmp_path / "out").exit_code == 0
    assert rows(tmp_path / "out")["anna"]["points"] == "5"
    result = grade(tmp_path / "in", tmp_path / "out", "--seed", "2")
    assert result.exit_code == 1
    assert "another seed" in result.output
    assert json.loads((tmp_path / "out" / "run.json").read_text())["seed"] == 1


def test_without_sandbox_or_trust_nothing_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsafe(*arguments: Any) -> None:
        raise RuntimeError("add --trust-submissions")

    hand_in(tmp_path / "in", "anna", notebook(RIGHT))
    monkeypatch.setattr("matnn_lib.grading.keeper.place", unsafe)
    result = grade(tmp_path / "in", tmp_path / "out")
    assert result.exit_code == 1
    assert "--trust-submissions" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("chapters", ["99", "x", "", "00,00x"])
def test_unknown_chapters_are_one_sentence(chapters: str, tmp_path: Path) -> None:
    hand_in(tmp_path, "anna", notebook(RIGHT))
    result = grade(tmp_path, tmp_path / "out", "--chapters", chapters)
    assert result.exit_code == 1
    assert "chapters are named like 02,04" in result.output


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    result = grade(tmp_path / "in", tmp_path / "out")
    assert result.exit_code == 1
    assert "there is no notebook here for any of 00-" in result.output


def answers_to(*cells: str, seconds: float = 20.0, **limits: float) -> collect.Collected:
    """Collect the answers of one notebook to chapter 00's questions, in this process."""
    exercises = registry.chapter(0)
    asked = tuple(
        replace(question, seconds=1.0)
        for question in prepare.questions(exercises, b"key", "anna", "", 0)
    )
    task = collect.Task(
        "k", notebook(*cells), asked, prepare.numbers(exercises, 0), seconds, **limits
    )
    return keeper.keep(task)


def test_students_code_never_runs_as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("this grader is not root")
    collected = answers_to(
        "import os\ndef orders_of_magnitude(n):\n    return os.getresuid() + os.getresgid()"
    )
    ids = decoded(collected.answers[0])
    assert isinstance(ids, tuple)
    assert len({int(i) for i in ids}) == 1
    assert int(ids[0]) >= 61184


def test_a_worker_can_import_what_notebooks_use() -> None:
    collected = answers_to(
        "import numpy.linalg, scipy.linalg, matplotlib.pyplot as plt, json.tool, email.mime.text\n"
        "from matnn_lib import linalg, nn, study\n"
        "from matnn_lib.exercises import check, given, options\n"
        "check('00.1', None)",
        RIGHT,
    )
    assert collected.troubles == []
    assert [answer.reason for answer in collected.answers] == [""] * 4


@pytest.mark.parametrize(
    "module", ["matnn_lib.exercises.ch00", "matnn_lib.exercises.judge", "matnn_lib.grading.mark"]
)
def test_a_worker_can_not_import_oracles(module: str) -> None:
    assert "ModuleNotFoundError" in answers_to(f"import {module}").troubles[0]


def test_nothing_of_the_graders_environment_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    collected = answers_to(
        "import os\nprint(sorted(os.environ), os.getcwd() == os.environ['HOME'])"
    )
    assert "SECRET" not in collected.log
    assert "True" in collected.log
    assert os.environ["HOME"] not in collected.log


def test_the_keeper_holds_no_oracle_and_no_exercise(tmp_path: Path) -> None:
    names = apart("tests.grading.test_grade", "names_of_modules_after_keeping")
    assert "matnn_lib.grading.collect" in names
    assert not [name for name in names if name.startswith("matnn_lib.exercises")]


def names_of_modules_after_keeping() -> list[str]:
    """Run in a process of its own, which has imported this module: so only compare by name."""
    import subprocess
    import sys

    program = (
        "import sys; from matnn_lib.grading import keeper, collect; keeper._elsewhere(False);"
        "print(*sys.modules)"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return output.stdout.decode().split()


def test_nothing_of_one_student_is_left_to_the_next() -> None:
    leaves = (
        "open('note', 'w').write('the answer is 3')\n"
        "import glob, os\n"
        "for name in glob.glob('fontlist*'):\n"
        "    os.remove(name)\n"
        "    open(name, 'w').write('no fonts')\n"
        "import numpy as np\nnp.log10 = None\nimport builtins\nbuiltins.left = 1\n"
        "os.environ['LEFT'] = '1'"
    )
    assert answers_to(leaves).troubles == []
    looks = (
        "import os, builtins, glob\nimport numpy as np\n"
        "print(os.path.exists('note'), hasattr(builtins, 'left'), 'LEFT' in os.environ)\n"
        "print(np.log10 is None, *{'no fonts' in open(name).read() for name in glob.glob('*')})"
    )
    assert answers_to(looks).log.split() == ["False"] * 4 + ["False"] * bool(stage_has_fonts())


def stage_has_fonts() -> bool:
    return any((keeper._elsewhere(False).stage.library / "fonts").iterdir())


def test_a_nursery_that_was_ended_is_replaced() -> None:
    answers_to("x = 1")
    nursery = keeper._own.nurseries._running
    if nursery is None:
        pytest.skip("here each worker has a nursery of its own")
    nursery.process.kill()
    nursery.process.wait()
    # On a busy machine its end may be seen only when the next task meets it.
    assert any(answers_to(RIGHT).answers[0].reason == "" for _ in range(3))


def test_one_nursery_serves_one_task_after_another() -> None:
    place = keeper._elsewhere(False)
    task = collect.Task("k", notebook(RIGHT), (), pickle.dumps({}), 20.0)
    keeper.keep(task, at=place)
    before = keeper._own.nurseries
    # With every task its place comes anew, by another process's hand.
    keeper.keep(task, at=pickle.loads(pickle.dumps(place)))
    assert keeper._own.nurseries is before


def test_whoever_draws_without_a_seed_draws_the_same_again() -> None:
    draws = (
        "import random, numpy as np\nprint(random.random(), np.random.rand(), hash('a'))\n"
        "print({'a', 'b', 'c'})"
    )
    assert answers_to(draws).log == answers_to(draws).log


def test_a_hang_loses_one_question_and_the_next_is_asked() -> None:
    collected = answers_to(
        "import numpy as np\n"
        "def orders_of_magnitude(n):\n"
        "    while len(n) == 50: pass\n"
        "    return np.log10(n[-1]) - np.log10(n[0])"
    )
    assert collected.slow
    assert collected.answers[0].reason == "it did not end within 1 s"
    assert [answer.content is None for answer in collected.answers] == [True, False, False, False]


@pytest.mark.parametrize(
    "cell",
    [
        "import asyncio\nawait asyncio.sleep(0.01)\n" + RIGHT,
        "get_ipython().run_line_magic('matplotlib', 'inline')\n" + RIGHT,
        "files = !ls\n" + RIGHT,
        RIGHT.replace("    return", "    # a\u2028b\x0cc\n    return"),
        RIGHT.replace("    return", f"    x = 0x{'f' * 6000}\n    return"),
        "import numpy as np\ndef f(n):\n    return np.log10(n[-1]) - np.log10(n[0])\n"
        "%time orders_of_magnitude = f",
    ],
)
def test_what_only_a_kernel_knows_costs_an_honest_notebook_nothing(cell: str) -> None:
    collected = answers_to(cell)
    assert collected.troubles == []
    assert [answer.reason for answer in collected.answers] == [""] * 4


def test_definitions_are_saved_when_the_notebook_hangs() -> None:
    collected = answers_to(RIGHT, "while True: pass", seconds=1.5)
    assert collected.troubles == ["cell 2 did not end within 1.5 s"]
    assert all(answer.content is not None for answer in collected.answers)


def test_the_time_of_a_whole_notebook_is_bounded() -> None:
    collected = answers_to("def orders_of_magnitude(n):\n    while True: pass", total_seconds=1.5)
    assert collected.seconds < 6
    assert {answer.content for answer in collected.answers} == {None}
    assert "it did not end within" in collected.answers[0].reason


def test_an_answer_that_was_lost_twice_is_not_asked_for_again() -> None:
    collected = answers_to("import os\ndef orders_of_magnitude(n):\n    os._exit(3)")
    reasons = [answer.reason for answer in collected.answers]
    assert reasons[:2] == ["it ended the process with status 3"] * 2
    assert reasons[2:] == ["it was not asked any more, as 2 answers before had been lost"] * 2


def test_a_huge_notebook_is_not_run() -> None:
    huge = collect.Task("k", b" " * (collect.LARGEST_NOTEBOOK + 1), (), b"", 20.0)
    assert keeper.keep(huge).seconds < 0.1


def test_kept_answers_are_read_back_and_damaged_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "x"
    whole = collect.Collected("x", [collect.Answer(b"0"), collect.Answer(None, "no")], ["t"], "l")
    store.write(path, whole, "digest")
    assert store.read(path) == (whole, "digest")
    content = path.read_bytes()
    for end in range(0, len(content), 7):
        path.write_bytes(content[:end])
        assert store.read(path) is None
    assert store.read(tmp_path / "missing") is None


def test_an_answer_that_the_judge_is_not_ready_for_stops_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stumbles(answer: object, *arguments: Any, **options: Any) -> str | None:
        if isinstance(answer, str):
            raise RuntimeError("what is this?")
        return None

    monkeypatch.setattr("matnn_lib.exercises.judge.why_wrong", stumbles)
    exercises, odd = registry.chapter(0), frames.encode("odd")
    for content, status in ((odd, "wrong"), (frames.encode(np.array(1.0)), "right")):
        collected = collect.Collected("k", [collect.Answer(content)] * 4)
        (verdict,) = judgements("anna", "", collected, exercises, b"key", 0)
        assert verdict.status == status
        if content == odd:
            assert verdict.cases[0].reason == "judging it raised RuntimeError; look at it by hand"


def test_a_list_of_two_numbers_is_graded_as_a_tuple_of_two_is() -> None:
    exercise = registry.load("01.5")
    arguments = exercise.arguments(prepare.seed_of(exercise, b"key", "anna", "", 0))
    given = [frames.encode(np.array(exercise.oracle(*args))) for args in arguments]
    collected = collect.Collected("k", [collect.Answer(content) for content in given])
    (verdict,) = judgements("anna", "", collected, [exercise], b"key", 0)
    assert verdict.status == "right"


def test_hidden_inputs_differ_between_students_and_attempts_and_need_the_key() -> None:
    seeds = {
        prepare.hidden_seed(key, student, attempt, "00.1")
        for key in (b"a", b"b")
        for student in ("x", "y")
        for attempt in ("1", "2")
    }
    assert len(seeds) == 8


def test_arrays_from_a_worker_can_not_be_written_to() -> None:
    collected = answers_to("def orders_of_magnitude(n):\n    return n")
    answer = decoded(collected.answers[0])
    assert isinstance(answer, np.ndarray)
    assert not answer.flags.writeable
