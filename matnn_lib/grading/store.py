"""Keep raw answers on disk, so that they can be judged again without running anything again."""

from __future__ import annotations

import json
from pathlib import Path

from matnn_lib.grading.collect import Answer, Collected
from matnn_lib.study.files import write_whole


def write(path: Path, collected: Collected, digest: str) -> None:
    """Write one submission's answers in one step; `digest` says what they are answers to."""
    head = {
        "key": collected.key,
        "digest": digest,
        "answers": [
            [-1 if answer.content is None else len(answer.content), answer.reason]
            for answer in collected.answers
        ],
        "troubles": collected.troubles,
        "log": collected.log,
        "seconds": collected.seconds,
        "slow": collected.slow,
        "layers": collected.layers,
        "facts": collected.facts,
    }
    contents = b"".join(answer.content or b"" for answer in collected.answers)
    write_whole(path, json.dumps(head).encode() + b"\n" + contents)


def read(path: Path) -> tuple[Collected, str] | None:
    """Return what `write` was given, or None where there is nothing or nothing complete."""
    try:
        first, _, contents = path.read_bytes().partition(b"\n")
        head = json.loads(first)
        answers = []
        start = 0
        for size, reason in head["answers"]:
            end = start + max(size, 0)
            answers.append(Answer(None if size < 0 else contents[start:end], reason))
            start = end
        if start != len(contents):
            return None
        collected = Collected(
            head["key"],
            answers,
            head["troubles"],
            head["log"],
            head["seconds"],
            head["slow"],
            head["facts"],
            tuple(head["layers"]),
        )
        return collected, head["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
