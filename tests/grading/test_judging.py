"""Whatever an answer does to the judge, it costs nobody but its student, and that not for long."""

from __future__ import annotations

import os
import resource
import signal
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matnn_lib.exercises import compare, registry
from matnn_lib.exercises.exercise import Exercise
from matnn_lib.grading import batch, clock, mark, prepare, sheet, store
from matnn_lib.grading.collect import Answer, Collected
from matnn_lib.grading.looks import Looks
from matnn_lib.grading.mark import judgements, mark_submission
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.submissions import Submission
from matnn_lib.grading.worker import frames
from tests.grading.submitted import RIGHT, notebook

PLAN = Plan((0,), 1)


def folders(tmp_path: Path, *students: str) -> list[Submission]:
    """Submissions of `students`, each with four answers that are kept."""
    for name in ("raw", "sheets", "in"):
        (tmp_path / name).mkdir()
    found = []
    for student in students:
        path = tmp_path / "in" / f"{student}.ipynb"
        path.write_bytes(notebook(RIGHT))
        submission = Submission(student, path.name, path, 0)
        kept = Collected(submission.key, [Answer(frames.encode(np.array(1.0)))] * 4)
        store.write(tmp_path / "raw" / submission.key, kept, "digest")
        found.append(submission)
    return found


def marked(submission: Submission, tmp_path: Path) -> sheet.Mark:
    sheets = tmp_path / "sheets"
    mark_submission(submission, plan=PLAN, raw=tmp_path / "raw", sheets=sheets)
    written = sheet.read(sheets, submission.key)
    assert written is not None
    (only,) = written.marks
    looks = Looks()
    looks.add(written)
    by_hand = only.reason.endswith("look at it by hand")
    assert [row[-1] for row in looks.rows] == [only.reason] * by_hand
    return only


@pytest.mark.parametrize("where", ["judgements", "_kept", "looks.decoded", "_mark", "decode"])
@pytest.mark.parametrize("error", [ValueError, MemoryError, RecursionError, KeyError])
def test_what_can_not_be_judged_is_left_to_a_person(
    where: str, error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: Any) -> None:
        raise error("odd")

    (submission,) = folders(tmp_path, "anna")
    monkeypatch.setattr(f"matnn_lib.grading.mark.{where}", fails)
    result = marked(submission, tmp_path)
    assert (result.exercise, result.points, result.of) == ("00.1", 0, 5)
    assert result.reason == f"judging it raised {error.__name__}; look at it by hand"


def test_judging_that_does_not_end_is_left_to_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_ends(*arguments: Any) -> None:
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    (submission,) = folders(tmp_path, "anna")
    monkeypatch.setattr(mark, "_SECONDS", 0.2)
    monkeypatch.setattr("matnn_lib.grading.mark.judge", never_ends)
    start = time.monotonic()
    result = marked(submission, tmp_path)
    assert time.monotonic() - start < 5
    assert result.reason == "judging it took more than 0.2 s; look at it by hand"
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_limit_of_time_that_is_not_met_changes_nothing() -> None:
    with clock.limit(0.05):
        pass
    time.sleep(0.1)


def of_mallory(submission: Submission, **arguments: Any) -> str:
    """Run in judging processes: Mallory's answers end them."""
    if submission.student == "mallory":
        os._exit(3)
    return mark_submission(submission, **arguments)


def test_who_ends_the_judging_process_stops_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = folders(tmp_path, "anna", "mallory", "zoe")
    monkeypatch.setattr(batch, "mark_submission", of_mallory)
    batch._judge(found, PLAN, tmp_path, 2, "")
    marks = [sheet.read(tmp_path / "sheets", submission.key) for submission in found]
    reasons = [one.marks[0].reason for one in marks if one is not None]
    assert reasons[1] == "judging it ended the judging process; look at it by hand"
    assert reasons[0] == reasons[2] != reasons[1]


# What an answer's bytes could be, if its student had written them by hand.

ZERO = b"ad\x00" + bytes(8)
BIT = b"ab\x00\x01"


def tuple_of(*parts: bytes) -> bytes:
    return b"t" + bytes([len(parts)]) + b"".join(parts)


def empty(*shape: int) -> bytes:
    return b"az" + bytes([len(shape)]) + struct.pack(f"<{len(shape)}Q", *shape)


WORD = b"s" + struct.pack("<Q", 60_000) + b"x" * 60_000
ROW = tuple_of(*[BIT] * 255)
FORGED = {
    "an empty array with seven long sides": tuple_of(empty(0, *[60_000] * 7), WORD),
    "an empty array with one long side": empty(0, 1 << 19),
    "many truth values in nested tuples": tuple_of(*[tuple_of(*[ROW] * 255)] * 4),
    "a long vector of truth values": frames.encode(np.zeros(4_000_000, bool)),
    "a tall matrix of one column": frames.encode(np.ones((1_000_000, 1))),
    "a flat matrix of one row": frames.encode(np.ones((1, 1_000_000))),
    "a long word": b"s" + struct.pack("<Q", 1 << 20) + b"x" * (1 << 20),
    "not a number": frames.encode(np.full((2, 2), np.nan)),
}
TO_COMPUTE = [e for e in registry.all_exercises() if e.kind in ("function", "value")]


@pytest.mark.parametrize("exercise", TO_COMPUTE, ids=lambda exercise: exercise.id)
def test_a_forged_answer_is_wrong_within_seconds_and_little_memory(exercise: Exercise) -> None:
    for name, content in FORGED.items():
        collected = Collected("k", [Answer(content)] * len(exercise.cases))
        start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        (verdict,) = judgements("anna", "", collected, [exercise], b"key", 0)
        assert (verdict.points, verdict.status) == (0, "wrong"), name
        assert "judging it raised" not in verdict.cases[0].reason, name
        assert time.process_time() - start < 5, name
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500 << 10, name


def with_tuples() -> list[tuple[Exercise, tuple[Any, ...]]]:
    """All exercises one of whose right answers or mistakes is a tuple, with their arguments."""
    found = []
    for exercise in TO_COMPUTE:
        for args in exercise.arguments(prepare.seed_of(exercise, b"key", "anna", "", 0))[:1]:
            ways = [m.wrong for m in exercise.mistakes] + [exercise.oracle] * bool(exercise.oracle)
            if any(isinstance(value_of(way, args), tuple) for way in ways):
                found.append((exercise, args))
    return found


def value_of(way: Any, args: tuple[Any, ...]) -> object:
    with np.errstate(all="ignore"):
        try:
            return way(*args)
        except Exception:  # a mistake may crash, as learners' do
            return None


WITH_TUPLES = with_tuples()


@pytest.mark.parametrize(("exercise", "args"), WITH_TUPLES, ids=[e.id for e, _ in WITH_TUPLES])
def test_an_array_is_judged_as_the_tuple_of_its_rows_is(
    exercise: Exercise, args: tuple[Any, ...]
) -> None:
    ways = {m.name: m.wrong for m in exercise.mistakes}
    ways |= {"right": exercise.oracle} if exercise.oracle else {}
    for name, way in ways.items():
        value = value_of(way, args)
        if not isinstance(value, tuple):
            continue
        try:
            stacked = np.array([np.asarray(part) for part in value])
        except ValueError:  # parts of different shapes
            continue
        statuses = []
        for given in (value, stacked):
            try:
                content = frames.encode(compare.plain(given))
            except (compare.NotAnAnswerError, frames.FrameError):
                break
            collected = Collected("k", [Answer(content)] * len(exercise.cases))
            (verdict,) = judgements("anna", "", collected, [exercise], b"key", 0)
            assert "judging it raised" not in verdict.cases[0].reason
            statuses.append((verdict.cases[0].passed, verdict.mistake))
        assert len(set(statuses)) <= 1, name


def test_among_the_exercises_with_tuples_are_those_that_stopped_a_class() -> None:
    assert {"01.5", "06.6", "07.3"} <= {exercise.id for exercise, _ in WITH_TUPLES}
