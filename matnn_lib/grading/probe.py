"""Find out which layers hold here: by a worker that tries what each of them must refuse."""

from __future__ import annotations

import json
import os
import pickle
import socket
from collections.abc import Mapping

from matnn_lib.grading import sandbox
from matnn_lib.grading.collect import Question, Task, collect
from matnn_lib.grading.nursery import Nurseries, NurseryError
from matnn_lib.grading.sandbox import Sandbox
from matnn_lib.grading.stage import Stage
from matnn_lib.grading.worker import frames

_SECONDS = 20.0

# What the probing worker tries, and the program that reports 1.0 for each that was refused.
_ATTEMPTS = ("read", "signal", "connect", "communicate")
_PROGRAM = """
import os, socket, tempfile

def refused(attempt, *arguments):
    try:
        attempt(*arguments)
    except OSError:
        return 1.0
    return 0.0

def write():
    with open("kept", "w") as file:
        file.write("x")
    with open("kept") as file:
        return file.read()

assert write() == "x"
import numpy.linalg, json.tool, email.mime.text
numpy.linalg.svd(numpy.eye(3))
report = (
    min(refused(open, path) for path in SECRETS),
    refused(os.kill, GRADER, 0),
    refused(socket.create_connection, ("127.0.0.1", PORT), 2),
    refused(socket.socketpair),
)
"""


def confine(stage: Stage) -> Sandbox:
    """Return the strictest sandbox in which a worker works and is refused what must be refused."""
    for candidate in sandbox.candidates():
        if holds(candidate, stage):
            return candidate
    raise RuntimeError("no worker can be started here: try `matnn grade --traceback`")


def holds(candidate: Sandbox, stage: Stage) -> bool:
    """Return whether a worker in this sandbox computes, and is refused what each layer forbids."""
    report = attempts(candidate, stage)
    if report is None:
        return False
    must = {
        "read": candidate.landlock or bool(candidate.bubblewrap),
        "signal": candidate.safe,
        "connect": candidate.safe,
        "communicate": candidate.seccomp,
    }
    return all(report[name] for name in _ATTEMPTS if must[name])


def attempts(candidate: Sandbox, stage: Stage) -> Mapping[str, bool] | None:
    """Return what was refused to a worker in this sandbox, or None where it could not work."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        known = {
            "SECRETS": (str(stage.secret), *stage.oracles),
            "GRADER": os.getpid(),
            "PORT": server.getsockname()[1],
        }
        lines = "".join(f"{name} = {value!r}\n" for name, value in known.items())
        cell = {"cell_type": "code", "source": lines + _PROGRAM}
        notebook = json.dumps({"cells": [cell]}).encode()
        question = Question("", "report", None, _SECONDS)
        task = Task("", notebook, (question,), pickle.dumps({}), _SECONDS)
        nurseries = Nurseries(stage, candidate)
        try:
            (answer,) = collect(task, nurseries).answers
        except NurseryError:
            return None
        finally:
            nurseries.close()
    report = frames.decode(answer.content) if answer.content is not None else None
    if not isinstance(report, tuple):
        return None
    return dict(zip(_ATTEMPTS, map(bool, report), strict=True))
