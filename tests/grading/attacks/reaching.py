"""Reaching out: files that are not one's own, processes, the network."""

from __future__ import annotations

from tests.grading.attacks.arena import Attack, reached, said, silenced, written
from tests.grading.submitted import RIGHT

SOCKETS = """
import socket
def speak(family, kind, address):
    with socket.socket(family, kind) as s:
        s.settimeout(1)
        if kind == socket.SOCK_DGRAM: s.sendto(b"hello", address)
        else: s.connect(address)
"""


def honest(name: str, code: str, *more: object, **options: object) -> Attack:
    """An attack beside a right answer, which is to get its points."""
    return Attack(name, (code, RIGHT), *more, expects="honest", **options)  # type: ignore[arg-type]


ATTACKS = (
    honest("a file outside", "open(OUTSIDE + '/x', 'w').write('x')", written, reason="Error"),
    honest(
        "another's notebook overwritten", "open(OTHER, 'w').write('x')", written, reason="Error"
    ),
    honest("another's notebook removed", "import os\nos.remove(OTHER)", written, reason="Error"),
    honest(
        "another's notebook emptied", "import os\nos.truncate(OTHER, 0)", written, reason="Error"
    ),
    honest(
        "another's notebook moved",
        "import os\nos.rename(OTHER, OUTSIDE + '/mine')",
        written,
        reason="Error",
    ),
    honest(
        "another's notebook dated anew",
        "import os\nos.utime(OTHER)\nprint('dated')",
        said("dated"),
        reason="Error",
    ),
    honest("a folder outside", "import os\nos.mkdir(OUTSIDE + '/x')", written, reason="Error"),
    honest(
        "shared memory that stays",
        "open('/dev/shm/matnn-attack', 'w').write('x')",
        written,
        reason="Error",
    ),
    honest("a device", "open('/dev/tty')\nopen('/dev/shm')", said("cell failed"), reason="Error"),
    honest(
        "a shell command",
        "import os\nif os.system('touch ' + OUTSIDE + '/x'): raise OSError",
        written,
        reason="Error",
    ),
    honest(
        "a program",
        "import subprocess\nsubprocess.run(['touch', OUTSIDE + '/x'], check=True)",
        written,
        reason="Error",
    ),
    honest("a shell escape", "!touch $(dirname $PWD)/outside/x", written),
    honest(
        "a program in one's place",
        "import os\nos.execv('/bin/true', ['true'])",
        silenced,
        reason="Error",
    ),
    honest(
        "a TCP connection",
        SOCKETS + "speak(socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', PORT))",
        reached("tcp"),
        reason="Error",
    ),
    honest(
        "a datagram",
        SOCKETS + "speak(socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', PORT))",
        reached("udp"),
        reason="Error",
    ),
    honest(
        "a Unix socket",
        SOCKETS + "speak(socket.AF_UNIX, socket.SOCK_STREAM, UNIX)",
        reached("unix"),
        reason="Error",
    ),
    honest(
        "an abstract Unix socket",
        SOCKETS + "speak(socket.AF_UNIX, socket.SOCK_STREAM, '\\0' + ABSTRACT)",
        reached("abstract"),
        reason="Error",
    ),
    honest(
        "a web request",
        "import urllib.request\nurllib.request.urlopen(f'http://127.0.0.1:{PORT}/', timeout=1)",
        reached("tcp"),
        reason="Error",
    ),
    honest(
        "a server of one's own",
        "import socket\ns = socket.create_server(('127.0.0.1', 0))\nprint('serving')",
        said("serving"),
        reason="Error",
    ),
    honest(
        "the grader's limits",
        "import os, resource\nresource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (99, 99))",
        lambda at, outcome: outcome.nofile == 99,
        reason="Error",
    ),
    honest(
        "the grader's priority",
        "import os\nos.setpriority(os.PRIO_PROCESS, os.getppid(), 19)\nprint('slowed')",
        said("slowed"),
        reason="Error",
    ),
    Attack(
        "the grader killed",
        ("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", RIGHT),
        lambda at, outcome: outcome.driver_died,
        expects="honest",
        reason="Error",
        dangerous=True,
        harmless=("import os, signal\nos.kill(os.getppid(), signal.SIGTERM)", RIGHT),
    ),
    Attack(
        "everybody killed",
        ("import os, signal\nos.kill(-1, signal.SIGKILL)", RIGHT),
        lambda at, outcome: outcome.driver_died,
        expects="honest",
        reason="Error",
        dangerous=True,
        harmless=("import os\nos.kill(-1, 0)", RIGHT),
    ),
    Attack(
        "the grader signalled through a file",
        (
            "import fcntl, os, signal\n"
            "r, w = os.pipe()\n"
            "fcntl.fcntl(r, fcntl.F_SETOWN, os.getppid())\n"
            "fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC)\n"
            "os.write(w, b'x')",
            RIGHT,
        ),
        lambda at, outcome: outcome.driver_died,
        expects="honest",
        reason="Error",
        dangerous=True,
        harmless=(
            "import fcntl, os\nr, w = os.pipe()\nfcntl.fcntl(r, fcntl.F_SETOWN, os.getppid())",
            RIGHT,
        ),
    ),
    honest(
        "stopping oneself, so that the grader waits",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        silenced,
        reason="Error",
        seconds=2,
    ),
)
