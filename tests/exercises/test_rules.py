"""What must hold for every exercise of the course, whoever wrote it."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import pickle
import pickletools
import statistics
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matnn_lib.exercises import Exercise, all_exercises, load
from matnn_lib.exercises.compare import plain, why_wrong
from matnn_lib.exercises.feedback import report
from matnn_lib.exercises.judge import Failure, Judgement, judge
from matnn_lib.exercises.selfcheck import answers_of
from matnn_lib.grading import notebooks

ROOT = Path(__file__).parents[2]
SOLUTIONS = ROOT / "exercises" / "solutions"
IDS = [exercise.id for exercise in all_exercises()]
COMPUTED = [e.id for e in all_exercises() if e.kind in ("function", "value")]
CHOICES = [e.id for e in all_exercises() if e.kind == "choice"]
HIDDEN_SEEDS = [(seed, 7) for seed in range(20 if os.environ.get("MATNN_ALL_SEEDS") else 3)]
VARIANTS = [seed for seed, _ in HIDDEN_SEEDS]


@cache
def worked_notebook(chapter: int) -> Any:
    return notebooks.read(notebooks.find(SOLUTIONS, chapter))


@cache
def worked_names(chapter: int, variant: int = 0) -> dict[str, Any]:
    """Run the worked notebook of a chapter, without its checks, and return what it defines."""
    names: dict[str, Any] = {"__name__": "__main__"}
    checks = {cell.id for cell in notebooks.check_cells(worked_notebook(chapter)).values()}
    for cell in worked_notebook(chapter).cells:
        if cell.cell_type == "code" and cell.id not in checks:
            source = notebooks.varied(cell.source, variant)
            exec(compile(source, f"worked notebook {chapter:02d}", "exec"), names)
    return names


def seeds_of(exercise: Exercise) -> list[tuple[int, ...]]:
    """A value answers the numbers of a public question; a function meets hidden ones as well."""
    public = [exercise.public_seed(variant) for variant in VARIANTS]
    return [*public, *HIDDEN_SEEDS] if exercise.kind == "function" else public


def worked_answer(exercise: Exercise, seed: tuple[int, ...]) -> Any:
    variant = seed[0] if exercise.kind != "function" else 0
    return worked_names(exercise.chapter, variant)[exercise.answer]


def verdict(exercise: Exercise, answer: object, seed: tuple[int, ...]) -> Judgement:
    arguments = exercise.arguments(seed)
    return judge(exercise, arguments, answers_of(exercise, answer, seed), variant=0)


def answer_of(exercise: Exercise, function: Any, seed: tuple[int, ...]) -> Any:
    """What a learner would hand in whose answer follows `function`."""
    if exercise.kind == "function":
        return function
    with np.errstate(all="ignore"):
        return function(*exercise.arguments(seed)[0])


@pytest.mark.parametrize("exercise_id", IDS)
def test_the_worked_solution_gets_full_points_whatever_the_seed(exercise_id: str) -> None:
    exercise = load(exercise_id)
    if exercise.kind == "text":
        assert str(worked_answer(exercise, (0,))).strip()
        return
    for seed in seeds_of(exercise):
        if exercise.kind == "choice":
            letters = exercise.lettered(seed[0])
            letter = next(a for a, option in letters.items() if option.key == exercise.right)
            result = judge(exercise, [()], [letter], variant=seed[0])
        else:
            result = verdict(exercise, worked_answer(exercise, seed), seed)
        assert result.status == "right", report(result)
        assert result.points == exercise.points
        assert not result.mistake


@pytest.mark.parametrize("exercise_id", CHOICES)
def test_the_worked_notebook_chooses_the_right_option(exercise_id: str) -> None:
    exercise = load(exercise_id)
    assert verdict(exercise, worked_answer(exercise, (0,)), (0,)).status == "right"


@pytest.mark.parametrize("exercise_id", IDS)
def test_the_untouched_stub_gets_nothing_and_the_words_not_answered_yet(exercise_id: str) -> None:
    exercise = load(exercise_id)
    names: dict[str, Any] = {"__name__": "__main__"}
    question = notebooks.question(worked_notebook(exercise.chapter))
    checks = {cell.id for cell in notebooks.check_cells(question).values()}
    for cell in question.cells:
        if cell.cell_type == "code" and cell.id not in checks:
            exec(compile(cell.source, "question notebook", "exec"), names)
    result = verdict(exercise, names[exercise.answer], exercise.public_seed())
    assert result.points == 0
    assert "not answered yet" in report(result)


@pytest.mark.parametrize("exercise_id", COMPUTED)
@pytest.mark.parametrize("trivial", ["zeros", "ones", "NaN", "the input"])
def test_a_trivial_answer_gets_nothing(exercise_id: str, trivial: str) -> None:
    exercise = load(exercise_id)
    for seed in seeds_of(exercise):
        arguments = exercise.arguments(seed)
        right = answers_of(exercise, worked_answer(exercise, seed), seed)
        if trivial != "the input":
            answers = [filled(answer, trivial) for answer in right]
            assert judge(exercise, arguments, answers).points == 0
            continue
        for k in range(len(arguments[0])):
            answers = [args[k] for args in arguments]
            assert judge(exercise, arguments, answers).points == 0


def filled(answer: Any, trivial: str) -> Any:
    """The right answer's form, filled with one number everywhere."""
    form = plain(answer)
    if isinstance(form, tuple):
        return tuple(filled(part, trivial) for part in form)
    if isinstance(form, str):
        return ""
    if form.dtype.kind == "b":
        return np.full(form.shape, trivial == "ones")
    return np.full(form.shape, {"zeros": 0.0, "ones": 1.0, "NaN": np.nan}[trivial])


@pytest.mark.parametrize("exercise_id", COMPUTED)
def test_every_mistake_loses_points_and_gets_its_own_hint(exercise_id: str) -> None:
    exercise = load(exercise_id)
    for seed in seeds_of(exercise):
        for mistake in exercise.mistakes:
            result = verdict(exercise, answer_of(exercise, mistake.wrong, seed), seed)
            assert result.points < exercise.points, mistake.name
            assert result.mistake == mistake.name
            assert result.hint == mistake.hint


@pytest.mark.parametrize("exercise_id", CHOICES)
def test_every_wrong_option_gets_nothing_and_its_own_hint(exercise_id: str) -> None:
    exercise = load(exercise_id)
    assert len({option.hint for option in exercise.options}) == len(exercise.options) >= 3
    for variant in VARIANTS:
        for letter, option in exercise.lettered(variant).items():
            result = judge(exercise, [()], [letter], variant)
            assert (result.points == 0) == (option.key != exercise.right)
            assert result.hint == option.hint


@pytest.mark.parametrize("exercise_id", COMPUTED)
def test_at_least_two_mistakes_are_known(exercise_id: str) -> None:
    assert len(load(exercise_id).mistakes) >= 2


@pytest.mark.parametrize("exercise_id", COMPUTED)
def test_the_oracle_is_named_and_is_not_what_the_worked_solution_calls(exercise_id: str) -> None:
    exercise = load(exercise_id)
    name = exercise.oracle_name
    source = notebooks.solution_cells(worked_notebook(exercise.chapter))[exercise.id].source
    if name.startswith(("property: ", "closed form: ")):
        assert len(name.split()) >= 3
        return
    module, function = name.rsplit(".", 1)
    assert module.split(".")[0] in ("scipy", "numpy", "decimal", "fractions", "math")
    assert hasattr(importlib.import_module(module), function)
    assert function in inspect.getsource(importlib.import_module(type_module(exercise)))
    assert function not in called(source)


def type_module(exercise: Exercise) -> str:
    return f"matnn_lib.exercises.ch{exercise.chapter:02d}"


def called(source: str) -> set[str]:
    """The last names of all functions that `source` calls."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in calls}


@pytest.mark.parametrize("exercise_id", COMPUTED)
def test_the_cases_of_a_function_differ_from_seed_to_seed(exercise_id: str) -> None:
    exercise = load(exercise_id)
    if exercise.kind == "value":
        return
    first, second = (exercise.arguments(seed) for seed in HIDDEN_SEEDS[:2])
    generic = [k for k, case in enumerate(exercise.cases) if not case.edge]
    assert any(not same(first[k], second[k]) for k in generic)
    assert all(same(a, b) for a, b in zip(first, exercise.arguments(HIDDEN_SEEDS[0]), strict=True))


@pytest.mark.parametrize("exercise_id", COMPUTED)
def test_inputs_can_be_sent_to_where_no_exercise_is_known(exercise_id: str) -> None:
    exercise = load(exercise_id)
    for args in exercise.arguments(HIDDEN_SEEDS[0]):
        pickled = pickle.dumps(args)
        pickle.loads(pickled)
        names = [arg for _, arg, _ in pickletools.genops(pickled) if isinstance(arg, str)]
        foreign = ("matnn_lib.exercises", "matnn_lib.grading", "tests.", "__main__")
        assert not [name for name in names if name.startswith(foreign)]


def same(first: tuple[Any, ...], second: tuple[Any, ...]) -> bool:
    def equal(a: Any, b: Any) -> bool:
        if isinstance(a, np.random.Generator):
            return bool(a.bit_generator.state == b.bit_generator.state)
        try:
            return why_wrong(a, b, rtol=0.0, atol=0.0) is None
        except TypeError:
            return a is b or bool(a == b)

    return all(equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("exercise_id", IDS)
def test_the_words_are_complete(exercise_id: str) -> None:
    exercise = load(exercise_id)
    assert exercise.title
    hints = [mistake.hint for mistake in exercise.mistakes]
    assert all(hints)
    assert len(set(hints)) == len(hints)


@pytest.mark.parametrize("exercise_id", COMPUTED)
def test_a_check_takes_at_most_50_ms_in_the_median(exercise_id: str) -> None:
    exercise = load(exercise_id)
    seed = exercise.public_seed()
    answer = worked_answer(exercise, seed)
    limit = 0.5 if exercise.trains else 0.05
    times = []
    for _ in range(5):
        start = time.process_time()
        verdict(exercise, answer, seed)
        times.append(time.process_time() - start)
        if times[-1] <= limit / 2:
            return
    assert statistics.median(times) <= limit


@pytest.mark.parametrize("exercise_id", IDS)
def test_the_question_is_headed_by_title_level_points_and_minutes(exercise_id: str) -> None:
    exercise = load(exercise_id)
    points = f"{exercise.points} point{'s' if exercise.points > 1 else ''}"
    heading = (
        f"## {exercise.id} {exercise.title} "
        f"({exercise.level}, {points}, {exercise.minutes} minutes)"
    )
    cells = [c.source for c in worked_notebook(exercise.chapter).cells if c.cell_type == "markdown"]
    assert sum(heading in source.splitlines() for source in cells) == 1, heading


@pytest.mark.parametrize("chapter", sorted({load(i).chapter for i in IDS}))
def test_names_are_used_once_a_chapter_and_no_two_exercises_share_their_cases(chapter: int) -> None:
    exercises = [e for e in all_exercises() if e.chapter == chapter]
    assert len({e.answer for e in exercises}) == len(exercises)
    makers = [{case.make for case in e.cases} for e in exercises if e.kind == "function"]
    for i, mine in enumerate(makers):
        assert all(not mine & other for other in makers[i + 1 :])


def test_a_crash_is_a_failure_and_not_a_blank() -> None:
    exercise = load("00.1")
    answers = answers_of(exercise, lambda norms: 1 / 0, (0,))
    assert all(isinstance(answer, Failure) for answer in answers)
