"""The worker's main program: run the notebook that arrives, then answer question by question.

Started without site packages and with an environment of its own; two descriptors lead to the
grader. NumPy is imported before anything is locked, as its libraries may lie where the lock lets
nobody read; nothing of the student's is even parsed before everything is locked.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from typing import Any


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


def main(questions: int, answers: int) -> None:
    """Lock, run, and answer until the grader has no more questions.

    The two numbers are descriptors: frames are read from one and written to the other.
    """
    grader = os.getppid()
    settings: dict[str, Any] = json.loads(_receive(questions)[1])
    stage = os.path.abspath(__file__).rsplit(os.sep, 4)[0]
    sys.path[:] = [stage, *sys.path, *settings["site"]]

    from matnn_lib.grading.worker import lock

    if settings["uid"] is not None:
        lock.keep_readable()
    from matnn_lib.exercises import compare
    from matnn_lib.grading.worker import cells, frames, stand_in

    def send(kind: bytes, content: bytes) -> None:
        view = memoryview(frames.frame(kind, content))
        while view:
            view = view[os.write(answers, view) :]

    def say(kind: bytes, sentence: str) -> None:
        send(kind, sentence.encode("utf-8", "replace")[:1000])

    def respond(answer: object, *arguments: bytes) -> None:
        try:
            if arguments and not compare.is_blank(answer):
                if not callable(answer):
                    raise compare.NotAnAnswerError("it is not a function")
                answer = answer(*pickle.loads(arguments[0]))
            blank = compare.is_blank(answer)
            content = frames.encode(None if blank else compare.plain(answer))
        except NotImplementedError:
            send(frames.ANSWER, frames.encode(None))
        except (compare.NotAnAnswerError, frames.FrameError) as error:
            say(frames.REASON, str(error))
        except BaseException as error:
            say(frames.REASON, cells.sentence(error))
        else:
            send(frames.ANSWER, content)

    lock.lock(settings, grader)
    log = sys.stdout
    notebook = _receive(questions)[1]
    stand_in.numbers.update(pickle.loads(_receive(questions)[1]))
    names: dict[str, Any] = {"__name__": "__main__", "display": lambda *_, **__: None}
    try:
        sources = cells.code_cells(notebook)
    except cells.NotANotebookError as error:
        say(frames.REASON, str(error))
        return

    def begins(cell: int) -> None:
        log.flush()
        send(frames.CELL, cell.to_bytes(4, "little"))

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
        respond(names.get(name.decode()), *([arguments] if kind == frames.CALL else []))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
