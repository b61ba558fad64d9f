"""A worker: run the notebook that arrives, then answer question by question.

It comes from a nursery, where NumPy was imported before anything is locked, as its libraries may
lie where the lock lets nobody read; nothing of the student's is even parsed before everything is
locked.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from matnn_lib.exercises import compare
from matnn_lib.grading.worker import cells, facts, frames, lock, magics, stand_in


def run(questions: int, answers: int) -> None:
    """Lock, run, and answer until the grader has no more questions.

    The two numbers are descriptors: frames are read from one and written to the other.
    """
    settings: dict[str, Any] = json.loads(_receive(questions)[1])
    lock.lock(settings, os.getppid())
    # Whoever draws without a seed draws the same in every run of the same notebook.
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    log = sys.stdout

    def send(kind: bytes, content: bytes) -> None:
        view = memoryview(frames.frame(kind, content))
        while view:
            view = view[os.write(answers, view) :]

    def say(kind: bytes, sentence: str) -> None:
        send(kind, sentence.encode("utf-8", "replace")[:1000])

    def begins(cell: int) -> None:
        log.flush()
        send(frames.CELL, cell.to_bytes(4, "little"))

    notebook = _receive(questions)[1]
    stand_in.numbers.update(pickle.loads(_receive(questions)[1]))
    names: dict[str, Any] = {
        "__name__": "__main__",
        "display": lambda *_, **__: None,
        "get_ipython": magics.Shell,
    }
    try:
        sources = cells.code_cells(notebook)
    except cells.NotANotebookError as error:
        return say(frames.NO_NOTEBOOK, str(error))
    send(frames.FACTS, json.dumps(facts.facts(sources, settings["names"])).encode())
    cells.run(
        sources,
        names,
        definitions_only=settings["definitions_only"],
        on_cell=begins,
        on_trouble=lambda sentence: say(frames.TROUBLE, sentence),
    )
    log.flush()
    send(frames.READY, b"")
    while True:
        kind, content = _receive(questions)
        name, _, arguments = content.partition(b"\0")
        _respond(names.get(name.decode()), arguments if kind == frames.CALL else None, send, say)


def _respond(
    answer: object,
    arguments: bytes | None,
    send: Callable[[bytes, bytes], None],
    say: Callable[[bytes, str], None],
) -> None:
    """Send an answer, or that of a function on pickled `arguments`, or why there is none."""
    try:
        if arguments is not None and not compare.is_blank(answer):
            if not callable(answer):
                raise compare.NotAnAnswerError("it is not a function")
            answer = answer(*pickle.loads(arguments))
        content = frames.encode(None if compare.is_blank(answer) else compare.plain(answer))
    except NotImplementedError:
        send(frames.ANSWER, frames.encode(None))
    except (compare.NotAnAnswerError, frames.FrameError) as error:
        say(frames.NO_ANSWER, str(error))
    except BaseException as error:
        say(frames.RAISED, cells.sentence(error))
    else:
        send(frames.ANSWER, content)


def _receive(questions: int) -> tuple[bytes, bytes]:
    """Return the next frame's kind and content; when the grader hangs up, the worker ends."""
    size = int.from_bytes(_exactly(questions, 8), "little")
    return _exactly(questions, 1), _exactly(questions, size - 1)


def _exactly(questions: int, count: int) -> bytes:
    parts = []
    while count:
        part = os.read(questions, min(count, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
