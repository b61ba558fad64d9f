"""What a worker says is cut off before it has arrived, whatever the worker has agreed to."""

from __future__ import annotations

import os

import pytest

from matnn_lib.grading import collect
from matnn_lib.grading.collect import Answer
from matnn_lib.grading.worker import frames
from matnn_lib.grading.worker_process import LostError, WorkerProcess
from tests.grading.test_grade import answers_to

SEND = """
import os, struct, sys
def the(name):
    frame = sys._getframe()
    while frame and not isinstance(frame.f_locals.get(name), int):
        frame = frame.f_back
    return frame.f_locals[name]
ANSWERS = the("answers")
def send(kind, size):
    rest = memoryview(struct.pack("<Q", 1 + size) + kind + b"x" * size)
    while rest:
        rest = rest[os.write(ANSWERS, rest):]
"""


@pytest.fixture
def worker() -> WorkerProcess:
    """The grader's side of a worker that has been begun, and of which only bytes are there."""
    return WorkerProcess(None, -1, -1, -1, ready=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [frames.TROUBLE, frames.RAISED, frames.NO_ANSWER, frames.CELL])
@pytest.mark.parametrize("size", [1001, 1 << 20])
def test_long_words_are_refused_before_they_have_arrived(
    kind: bytes, size: int, worker: WorkerProcess
) -> None:
    worker._received += frames.LENGTH.pack(1 + size) + kind
    with pytest.raises(LostError, match="more words than were agreed"):
        worker._frame()


@pytest.mark.parametrize("kind", [frames.RAISED, frames.NO_ANSWER, frames.ANSWER])
def test_words_of_the_agreed_length_are_taken(kind: bytes, worker: WorkerProcess) -> None:
    for part in (frames.LENGTH.pack(1001), kind, b"x" * 999):
        worker._received += part
        assert worker._frame() is None
    worker._received += b"x"
    assert worker._frame() == (kind, b"x" * 1000)


@pytest.mark.parametrize("kind", ["T", "X", "O"])
def test_a_notebook_that_says_much_is_kept_short(kind: str) -> None:
    code = "def orders_of_magnitude(n):\n    return 1.0"
    say = f"send({kind.encode()!r}, 15 << 20)"
    for cells in ((SEND, say, code), (SEND, code.replace("return", f"{say}; return"))):
        collected = answers_to(*cells)
        words = [*collected.troubles, *(answer.reason for answer in collected.answers)]
        assert sum(map(len, words)) < 25_000
        assert any("where none was asked" in w or "more words than" in w for w in words)


def test_all_answers_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "_MOST_BYTES", 3 << 20)
    code = "import numpy as np\ndef orders_of_magnitude(n):\n    return np.zeros(150_000)"
    contents = [len(answer.content or b"") for answer in answers_to(code).answers]
    assert [size > 0 for size in contents] == [True, True, False, False]
    reason = "its answers have more than 3 MB"
    assert answers_to(code).answers[2:] == [Answer(None, reason)] * 2


def test_descriptors_are_not_left_open() -> None:
    answers_to("x = 1")
    before = len(os.listdir("/proc/self/fd"))
    answers_to("x = 2")
    assert len(os.listdir("/proc/self/fd")) == before
