"""Where attacks take place: what there is to steal, to break and to reach, and who looks after."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matnn_lib
from tests.grading.attacks.unprotected import NO_NAMESPACES, THROW_AWAY
from tests.grading.submitted import RIGHT, notebook

ROOT = Path(__file__).parents[3]


@dataclass
class World:
    """Folders that everybody may read and write, and servers on loopback that note who came."""

    root: Path
    secret: str
    port: int = 0
    heard: list[str] = field(default_factory=list)

    @property
    def solution(self) -> Path:
        """The reference, lying about."""
        return self.root / "solution.py"

    @property
    def other(self) -> Path:
        """Another student's notebook."""
        return self.root / "others" / "anna.ipynb"

    @property
    def outside(self) -> Path:
        """A folder that everyone may write to, and that nobody should."""
        return self.root / "outside"

    @property
    def unix(self) -> Path:
        """A Unix socket that somebody listens to."""
        return self.root / "socket"

    @property
    def abstract(self) -> str:
        """The name of an abstract Unix socket."""
        return f"matnn-{self.root.name}"

    def known(self) -> str:
        """The lines at the head of an attack: all that an attacker may find out beforehand."""
        names = {
            "SOLUTION": str(self.solution),
            "OTHER": str(self.other),
            "OTHERS": str(self.other.parent),
            "OUTSIDE": str(self.outside),
            "INSTALLED": str(Path(matnn_lib.__file__).parents[1]),
            "SECRET_FILE": str(self.root / "secret"),
            "PORT": self.port,
            "UNIX": str(self.unix),
            "ABSTRACT": self.abstract,
        }
        return "".join(f"{name} = {value!r}\n" for name, value in names.items())

    def state(self) -> dict[str, Any]:
        """Everything that an attack could have changed."""
        files = {
            str(path.relative_to(self.root)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and "cwd" not in path.parts
        }
        memory = {p.name for p in Path("/dev/shm").iterdir() if p.name.startswith("matnn-attack")}
        return {"files": files, "heard": list(self.heard), "memory": memory}

    def put(self) -> None:
        """Lay everything out as it was in the beginning."""
        for folder in ("outside", "others", "cwd"):
            shutil.rmtree(self.root / folder, ignore_errors=True)
            (self.root / folder).mkdir()
            (self.root / folder).chmod(0o777)
            if os.geteuid() == 0:
                os.chown(self.root / folder, THROW_AWAY, THROW_AWAY)
        for path, content in (
            (self.solution, RIGHT.encode()),
            (self.other, notebook(RIGHT)),
            (self.root / "secret", self.secret.encode()),
        ):
            path.write_bytes(content)
            path.chmod(0o666)
        for path in Path("/dev/shm").glob("matnn-attack*"):
            path.unlink()
        self.heard.clear()


@dataclass(frozen=True)
class Outcome:
    """What became of the unprotected grader; `points` is None where it never said."""

    points: int | None = None
    timed_out: bool = False
    survived: bool = False
    bytes: int = 0
    output: str = ""
    files: int = 0
    nofile: int = 0
    loaded: int = 0
    read: str = ""
    driver_died: bool = False


Succeeded = Callable[[World, Outcome], bool]


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    `cells` are its code, with ``known()`` of the world before the first; or `content` the whole
    file. `expects` is ``"zero"`` or ``"honest"``: what it must get from `matnn grade`, with
    `reason` somewhere on the feedback page. `succeeded` tells whether it worked without
    protection. `harmless` are the cells for `matnn grade`, where those would be dangerous. One that
    `traces` can't work where Linux lets nobody look into a process but its parent (Yama).
    """

    name: str
    cells: tuple[str, ...]
    succeeded: Succeeded
    expects: str = "zero"
    reason: str = ""
    style: str = "allclose"
    dangerous: bool = False
    harmless: tuple[str, ...] = ()
    content: bytes = b""
    seconds: float = 4.0
    pause: float = 0.0
    reads: str = ""
    traces: bool = False

    def notebook(self, world: World) -> bytes:
        """The file to hand in."""
        cells = self.harmless or self.cells
        return self.content or notebook(world.known(), *cells)


@contextmanager
def world() -> Iterator[World]:
    """Build the world, and take it down."""
    root = Path(tempfile.mkdtemp(prefix="matnn-world-", dir="/tmp"))
    root.chmod(0o777)
    built = World(root, f"SECRET-{secrets.token_hex(8)}")
    stop = threading.Event()
    with listening(built) as servers:
        thread = threading.Thread(target=listen, args=(built, servers, stop), daemon=True)
        thread.start()
        try:
            built.put()
            yield built
        finally:
            stop.set()
            thread.join()
            shutil.rmtree(root, ignore_errors=True)


@contextmanager
def listening(built: World) -> Iterator[dict[str, socket.socket]]:
    tcp = socket.create_server(("127.0.0.1", 0))
    built.port = tcp.getsockname()[1]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", built.port))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(built.unix))
    built.unix.chmod(0o777)
    unix.listen()
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0" + built.abstract)
    abstract.listen()
    servers = {"tcp": tcp, "udp": udp, "unix": unix, "abstract": abstract}
    try:
        yield servers
    finally:
        for server in servers.values():
            server.close()


def listen(built: World, servers: dict[str, socket.socket], stop: threading.Event) -> None:
    for server in servers.values():
        server.settimeout(0.02)
    while not stop.is_set():
        for name, server in servers.items():
            try:
                if name == "udp":
                    server.recv(100)
                else:
                    server.accept()[0].close()
                built.heard.append(name)
            except TimeoutError:
                continue


def without_protection(attack: Attack, at: World) -> Outcome | None:
    """Run an attack against the unprotected grader; None where that can't be done safely."""
    at.put()
    cwd = at.root / "cwd"
    path = cwd / "notebook.ipynb"
    if attack.content:
        path.write_bytes(attack.content)
    cells = [] if attack.content else [at.known(), *attack.cells]
    task = {
        "cells": cells,
        "notebook": str(path),
        "style": attack.style,
        "cwd": str(cwd),
        "seconds": attack.seconds,
        "pause": attack.pause,
        "reads": attack.reads,
        "dangerous": attack.dangerous,
        "secret_file": str(at.root / "secret"),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.grading.attacks.unprotected", "--seed", at.secret],
        input=json.dumps(task).encode(),
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "MATNN_SECRET": at.secret, "OPENBLAS_NUM_THREADS": "1"},
        timeout=60,
        start_new_session=True,
    )
    if ran.returncode == NO_NAMESPACES:
        return None
    try:
        return Outcome(**json.loads(ran.stdout.splitlines()[-1]))
    except (ValueError, IndexError):
        return Outcome(
            driver_died=True, output=(ran.stdout + ran.stderr).decode("utf-8", "replace")
        )


# What an attack can be seen to have done.


def fooled(at: World, outcome: Outcome) -> bool:
    """Points without a right result (the unprotected grader has three)."""
    return outcome.points is not None and outcome.points >= 3


def silenced(at: World, outcome: Outcome) -> bool:
    """The grader never came to a result, or was kept waiting."""
    return outcome.points is None


def leaked(at: World, outcome: Outcome) -> bool:
    """The secret is in what the student's code could print."""
    return at.secret in outcome.output


def said(words: str) -> Succeeded:
    """The student's code reported a success that only the system could give it."""
    return lambda at, outcome: words in outcome.output


def written(at: World, outcome: Outcome) -> bool:
    """Something was made, changed or removed that is not the student's."""
    return (
        bool(list(at.outside.iterdir()))
        or at.other.exists() is False
        or at.other.read_bytes() != notebook(RIGHT)
        or bool(list(Path("/dev/shm").glob("matnn-attack*")))
    )


def reached(name: str) -> Succeeded:
    """A server was spoken to, and has noticed within a second."""

    def heard(at: World, outcome: Outcome) -> bool:
        for _ in range(50):
            if name in at.heard:
                return True
            time.sleep(0.02)
        return False

    return heard
