"""Reading what is not one's own: the reference, the seed, others' work, the grader's memory."""

from __future__ import annotations

from tests.grading.attacks.arena import Attack, fooled, leaked, said
from tests.grading.submitted import RIGHT

MEMORY = """
import os, re
pid = os.getppid()
found = b""
with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
    for line in maps:
        place = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
        if place and not found:
            start, end = (int(x, 16) for x in place.groups())
            try:
                memory.seek(start)
                found = b"".join(re.findall(rb"SECRET-[0-9a-f]{16}", memory.read(end - start)))
            except (OSError, OverflowError, ValueError):
                continue
print(found[:23].decode())
"""
REMOTE = """
import ctypes, os, re
pid = os.getppid()
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
libc = ctypes.CDLL(None, use_errno=True)
for line in open(f"/proc/{pid}/maps"):
    place = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
    start, end = (int(x, 16) for x in place.groups()) if place else (0, 0)
    size = end - start
    if 0 < size < 1 << 26:
        buffer = ctypes.create_string_buffer(size)
        here, there = Vector(ctypes.addressof(buffer), size), Vector(start, size)
        libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
        for found in re.findall(rb"SECRET-[0-9a-f]{16}", buffer.raw):
            print(found.decode())
"""

ATTACKS = (
    Attack(
        "the reference, read from the disk",
        ("exec(open(SOLUTION).read())",),
        fooled,
        reason="Error",
    ),
    Attack(
        "another student's notebook, read from the disk",
        ("import json\nexec(''.join(json.load(open(OTHER))['cells'][0]['source']))",),
        fooled,
        reason="Error",
    ),
    Attack(
        "the reference through a symbolic link",
        ("import os\nos.symlink(SOLUTION, 'mine.py')\nexec(open('mine.py').read())",),
        fooled,
        reason="Error",
    ),
    Attack(
        "the reference by way of /proc",
        ("exec(open('/proc/self/root' + SOLUTION).read())",),
        fooled,
        reason="Error",
    ),
    Attack(
        "the reference, imported",
        (
            "import sys\nsys.path.insert(0, SOLUTION.rpartition('/')[0])\n"
            "from solution import orders_of_magnitude",
        ),
        fooled,
        reason="Error",
    ),
    Attack(
        "the oracle, imported from the course's own installation",
        (
            "import sys\n"
            "for name in [name for name in sys.modules if name.startswith('matnn_lib')]:\n"
            "    del sys.modules[name]\n"
            "sys.path.insert(0, INSTALLED)\n"
            "from matnn_lib.exercises import ch00\n"
            "orders_of_magnitude = ch00.EXERCISES[0].oracle",
        ),
        fooled,
        reason="Error",
    ),
    Attack(
        "the reference, by a program",
        (
            "import subprocess\n"
            "exec(subprocess.run(['cat', SOLUTION], capture_output=True, text=True).stdout)",
        ),
        fooled,
        reason="Error",
    ),
    Attack(
        "a secret file",
        ("print(open(SECRET_FILE).read())", RIGHT),
        leaked,
        expects="honest",
        reason="Error",
    ),
    Attack(
        "the seed in the environment",
        ("import os\nprint(os.environ)", RIGHT),
        leaked,
        expects="honest",
    ),
    Attack(
        "the environment of the grader",
        ("import os\nprint(open(f'/proc/{os.getppid()}/environ').read())", RIGHT),
        leaked,
        expects="honest",
        reason="Error",
    ),
    Attack(
        "the seed on somebody's command line",
        (
            "import glob\n"
            "for path in glob.glob('/proc/[0-9]*/cmdline'):\n"
            "    try: print(open(path).read().replace('\\0', ' '))\n"
            "    except OSError: pass",
            RIGHT,
        ),
        leaked,
        expects="honest",
    ),
    Attack(
        "the grader's memory",
        (MEMORY, RIGHT),
        leaked,
        expects="honest",
        reason="Error",
        seconds=8,
        traces=True,
    ),
    Attack(
        "the grader's memory, by a system call",
        (REMOTE, RIGHT),
        leaked,
        expects="honest",
        reason="Error",
        seconds=8,
        traces=True,
    ),
    Attack(
        "who else handed in",
        ("import os\nprint(os.listdir(OTHERS))", RIGHT),
        said("anna.ipynb"),
        expects="honest",
        reason="Error",
    ),
    Attack(
        "the users of the machine",
        ("print(open('/etc/passwd').read())", RIGHT),
        said("root:"),
        expects="honest",
        reason="Error",
    ),
    Attack(
        "being traced by a student",
        (
            "import ctypes, os\n"
            "libc = ctypes.CDLL(None)\n"
            "result = libc.ptrace(0x4206, os.getppid(), None, None)\n"
            "print('traced' if result == 0 else 'refused')",
            RIGHT,
        ),
        said("traced"),
        expects="honest",
        reason="refused",
        traces=True,
    ),
    Attack(
        "a link in the working folder for the grader to follow",
        ("import os\nos.symlink(SECRET_FILE, 'output.txt')", RIGHT),
        lambda at, outcome: at.secret in outcome.read,
        expects="honest",
        reason="Error",
        reads="output.txt",
    ),
)
