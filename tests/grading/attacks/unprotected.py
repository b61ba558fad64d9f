"""A grader without protection, as many are written, to show what an attack does to it.

``python -m tests.grading.attacks.unprotected`` reads its task as JSON from standard input and
prints what happened. A driver holds a secret and waits for its child, which runs the student's
code, computes what is right, compares, and prints the points as the last line: the usual way.

As root it becomes a throw-away user first. A dangerous attack runs in user, process, network and
IPC namespaces of its own, with limits on processes, memory and files; where those can't be made,
it isn't run at all.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import pickle
import resource
import selectors
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from matnn_lib.grading.worker.lock import keep_readable

THROW_AWAY = 61111
NO_NAMESPACES = 77
_NEW_USER, _NEW_PID, _NEW_NET, _NEW_IPC = 0x10000000, 0x20000000, 0x40000000, 0x08000000
_LIMITS = {"AS": 2 << 30, "FSIZE": 4 << 20, "CPU": 8, "CORE": 0}


def reference(norms: Any) -> float:
    return float(np.log10(norms[-1]) - np.log10(norms[0]))


def close_enough(answer: Any, expected: float, style: str) -> bool:
    """Compare as people do who trust the answer to be a number."""
    if style == "equal":
        return bool(answer == expected)
    if style == "allclose":
        return bool(np.allclose(answer, expected))
    if style == "array":
        return isinstance(answer, np.ndarray) and bool(np.all(answer == expected))
    # "far": a NaN is never far away.
    return not abs(answer - expected) > 1e-6


def run_student(task: dict[str, Any]) -> None:
    """Run the cells and the comparison, in the process that the student's code is in as well."""
    sys.path.insert(0, os.getcwd())
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = task["cells"] or notebook_cells(Path(task["notebook"]))
    for cell in cells:
        lines = [shell(line) for line in cell.splitlines()]
        try:
            exec(compile("\n".join(lines), "cell", "exec"), names)
        except Exception as error:
            print(f"cell failed: {error}")
    time.sleep(task["pause"])
    function = names.get("orders_of_magnitude")
    points = 0
    answers = []
    for scale in (1.0, 2.0, 3.0):
        norms = 10.0 ** (scale * np.arange(5))
        try:
            answers.append(answer := function(norms))  # type: ignore[misc]
            expected = reference(norms)
            points += close_enough(answer, expected, task["style"])
        except Exception as error:
            print(f"answer failed: {error}")
    if task["style"] == "pickle":
        Path("answers.pickle").write_bytes(pickle.dumps(answers))
    import csv  # late, when it is already too late

    csv.writer(sys.stdout)
    print(json.dumps({"points": points}))


def shell(line: str) -> str:
    """What a notebook does with a line that begins with an exclamation mark."""
    return f"import os; os.system({line[1:]!r})" if line.startswith("!") else line


def notebook_cells(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]


def drive(task: dict[str, Any]) -> dict[str, Any]:
    """Start the student's process and wait for its points."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        try:
            run_student(task)
        except Exception as error:
            print(f"grader failed: {error}")
        except SystemExit:
            pass
        sys.stdout.flush()
        os._exit(0)
    os.close(writer)
    secret = Path(task["secret_file"]).read_bytes()  # only now: the child's memory has it not
    output, timed_out = drained(reader, task["seconds"])
    survived = False
    if timed_out:
        os.kill(child, signal.SIGTERM)
        time.sleep(0.2)
        survived = os.waitpid(child, os.WNOHANG) == (0, 0)
        if survived:
            os.kill(child, signal.SIGKILL)
    if not timed_out or survived:
        os.waitpid(child, 0)
    assert secret
    return verdict(task, output, timed_out, survived)


def verdict(task: dict[str, Any], output: bytes, timed_out: bool, survived: bool) -> dict[str, Any]:
    points = None
    last = (output.strip().splitlines() or [b""])[-1]
    with contextlib.suppress(ValueError, KeyError, TypeError):
        points = json.loads(last)["points"]
    result = {
        "points": points,
        "timed_out": timed_out,
        "survived": survived,
        "bytes": len(output),
        "output": output[:200_000].decode("utf-8", "replace"),
        "files": len(os.listdir()),
        "nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    }
    if task["style"] == "pickle" and os.path.exists("answers.pickle"):
        result["loaded"] = len(pickle.dumps(pickle.loads(Path("answers.pickle").read_bytes())))
    if task["reads"] and os.path.exists(task["reads"]):
        with open(task["reads"], "rb") as file:
            result["read"] = file.read(1000).decode("utf-8", "replace")
    return result


def drained(descriptor: int, seconds: float) -> tuple[bytes, bool]:
    """Read until all writers are gone, or time is up."""
    deadline = time.monotonic() + seconds
    parts: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if selector.select(left):
                part = os.read(descriptor, 1 << 16)
                if not part:
                    return b"".join(parts), False
                parts.append(part)
    return b"".join(parts), True


def become_nobody() -> None:
    libc = ctypes.CDLL(None)
    if os.geteuid() == 0:
        keep_readable()
        os.setgroups([])
        os.setresgid(THROW_AWAY, THROW_AWAY, THROW_AWAY)
        os.setresuid(THROW_AWAY, THROW_AWAY, THROW_AWAY)
        libc.prctl(4, 1, 0, 0, 0)  # as any user's process: others of the same user may look in


def threads_of(user: int) -> int:
    """Count what the limit on processes counts: the threads of all of a user's processes."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == user:
                count += len(list((process / "task").iterdir()))
    return count


def apart() -> None:
    """Go on as the second process of new namespaces, where nobody else is to be hurt."""
    for name, most in {**_LIMITS, "NPROC": threads_of(os.getuid()) + 40}.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER | _NEW_PID | _NEW_NET | _NEW_IPC):
        os._exit(NO_NAMESPACES)
    init = os.fork()
    if init:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(init, 0)[1]))
    # The first process of a namespace can't be killed from inside; the driver is not to be it.
    driver = os.fork()
    if driver:
        while os.wait()[0] != driver:
            pass
        os._exit(0)  # with it, all that is left in the namespace ends


def main() -> None:
    task = json.load(sys.stdin)
    os.chdir(task["cwd"])
    become_nobody()
    report = os.dup(1)
    fcntl.fcntl(report, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    if task["dangerous"]:
        apart()
    result = drive(task)
    os.write(report, json.dumps(result).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main()
