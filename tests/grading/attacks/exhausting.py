"""Using things up: time, memory, disk, processes, output, patience."""

from __future__ import annotations

import json

from tests.grading.attacks.arena import Attack, said, silenced
from tests.grading.submitted import RIGHT, notebook

DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1.5)
        open(OUTSIDE + "/late", "w").write("still here")
    os._exit(0)
os.wait()
"""
FORKS = """
import os, time
born = 0
for _ in range(100):
    try: pid = os.fork()
    except OSError: break
    if pid == 0:
        time.sleep(2)
        os._exit(0)
    born += 1
print("born", born)
if not born: raise OSError("none was born")
"""
FILES = """
for number in range(3000):
    open(f"file {number}", "w").close()
"""
DEEP = b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


ATTACKS = (
    Attack(
        "an endless loop",
        ("while True: pass",),
        silenced,
        reason="did not end within 2 s",
        seconds=2,
    ),
    Attack(
        "an endless loop in the answer",
        ("def orders_of_magnitude(n):\n    while True: pass",),
        silenced,
        reason="it did not end within",
        seconds=2,
    ),
    Attack(
        "endless sleep",
        ("import time\ntime.sleep(10**6)",),
        silenced,
        reason="did not end within",
        seconds=2,
    ),
    Attack(
        "a loop that ignores all signals",
        (
            "import signal\n"
            "for number in range(1, 64):\n"
            "    try: signal.signal(number, signal.SIG_IGN)\n"
            "    except (OSError, ValueError): pass\n"
            "while True: pass",
        ),
        lambda at, outcome: outcome.survived,
        reason="did not end within",
        seconds=2,
    ),
    Attack(
        "a loop that catches everything",
        (
            "def spin():\n"
            "    while True:\n"
            "        try:\n"
            "            for _ in iter(int, 1): pass\n"
            "        except BaseException: pass\n"
            "import signal\n"
            "signal.signal(signal.SIGTERM, lambda *a: 1 / 0)\n"
            "spin()",
        ),
        lambda at, outcome: outcome.survived,
        reason="did not end within",
        seconds=2,
    ),
    Attack(
        "a thread that never ends",
        (
            RIGHT,
            "import threading\n"
            "threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()",
        ),
        lambda at, outcome: "can't start new thread" not in outcome.output,
        expects="honest",
        reason="can't start new thread",
    ),
    Attack(
        "a fork",
        ("import os\nif os.fork() == 0: os._exit(0)\nos.wait()\nprint('two')", RIGHT),
        said("two"),
        expects="honest",
        reason="Error",
        dangerous=True,
    ),
    Attack(
        "many forks",
        (FORKS, RIGHT),
        lambda at, outcome: int(outcome.output.rpartition("born ")[2].split()[0]) >= 5,
        expects="honest",
        reason="Error",
        dangerous=True,
        seconds=8,
    ),
    Attack(
        "a daemon that outlives",
        (DAEMON, RIGHT),
        lambda at, outcome: (at.outside / "late").exists(),
        expects="honest",
        reason="Error",
        dangerous=True,
        seconds=8,
    ),
    Attack(
        "a process pool",
        (
            "from concurrent.futures import ProcessPoolExecutor\n"
            "with ProcessPoolExecutor(2) as pool: print(*pool.map(abs, [-5, -7]))",
            RIGHT,
        ),
        said("5 7"),
        expects="honest",
        reason="Error",
        dangerous=True,
        seconds=8,
    ),
    Attack(
        "all of the memory",
        (
            "hoard = bytearray(400 << 20)\nprint('hoarded')",
            "def orders_of_magnitude(norms):\n    return float(len(hoard))",
        ),
        said("hoarded"),
        reason="raised MemoryError",
        dangerous=True,
        # Beyond the limit; where there were none, zeros are promised but not touched.
        harmless=(
            "hoard = bytearray(3 << 30)",
            "def orders_of_magnitude(norms):\n    return float(len(bytearray(3 << 30)))",
        ),
    ),
    Attack(
        "a file as large as the disk",
        (
            "with open('large', 'wb') as file:\n"
            "    for _ in range(3): file.write(bytes(1 << 20))\n"
            "print('filled')",
            RIGHT,
        ),
        said("filled"),
        expects="honest",
        reason="Error",
        dangerous=True,
        harmless=(
            "with open('large', 'wb') as file:\n    for _ in range(20): file.write(bytes(1 << 20))",
            RIGHT,
        ),
    ),
    Attack(
        "thousands of files",
        (FILES, RIGHT),
        lambda at, outcome: outcome.files > 1000,
        expects="honest",
    ),
    Attack(
        "a memory file, which no limit counts",
        (
            "import os\nfile = os.memfd_create('hoard')\nos.write(file, bytes(1 << 20))\n"
            "print('hoarded')",
            RIGHT,
        ),
        said("hoarded"),
        expects="honest",
        reason="Error",
    ),
    Attack(
        "more open files than there should be",
        ("opened = [open('/dev/null') for _ in range(200)]\nprint('opened')", "opened = []", RIGHT),
        said("opened"),
        expects="honest",
        reason="Error",
    ),
    Attack(
        "much output",
        ("for _ in range(60): print('x' * 1_000_000)", RIGHT),
        lambda at, outcome: outcome.bytes > 50_000_000,
        expects="honest",
        seconds=20,
    ),
    Attack(
        "output that writes over a terminal",
        (
            "print('\\x1b[2J\\x1b]0;owned\\x07\\u202egnirts\\u202c')",
            RIGHT,
        ),
        said("\x1b[2J"),
        expects="honest",
    ),
    Attack(
        "an exception that can't be shown",
        (
            "import os\nclass Rude(Exception):\n    def __str__(self): os._exit(0)\nraise Rude",
            RIGHT,
        ),
        silenced,
        expects="honest",
        reason="it ended the process with status 0",
    ),
    Attack(
        "a notebook of 25 MB",
        (),
        said("large"),
        reason="larger than the 20 MB",
        content=notebook("print('large')", "#" * (25 << 20)),
        seconds=10,
    ),
    Attack(
        "brackets without end",
        (),
        lambda at, outcome: "maximum recursion" in outcome.output,
        reason="it is not a notebook",
        content=DEEP,
    ),
    Attack("no JSON at all", (), silenced, reason="it is not a notebook", content=b"\x00\xff\xfe{"),
    Attack(
        "cells that are numbers",
        (),
        silenced,
        reason="not answered",
        content=json.dumps({"cells": [{"cell_type": "code", "source": 3}]}).encode(),
    ),
    Attack(
        "all built-in names taken away",
        (
            RIGHT,
            "import builtins\n"
            "for name in dir(builtins):\n"
            "    if name not in ('builtins', 'delattr', 'TypeError'): delattr(builtins, name)",
        ),
        silenced,
        expects="honest",
    ),
)
