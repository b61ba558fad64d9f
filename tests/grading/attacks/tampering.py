"""Changing the grader itself: what shares a process with the verdict can write the verdict."""

from __future__ import annotations

from tests.grading.attacks.arena import Attack, fooled, silenced
from tests.grading.submitted import RIGHT

WRONG = "def orders_of_magnitude(norms):\n    return 0.0"
NOTHING = "its value differs"

ATTACKS = (
    Attack(
        "patched allclose",
        ("import numpy as np\nnp.allclose = lambda *a, **k: True", WRONG),
        fooled,
        reason=NOTHING,
    ),
    Attack(
        "patched log10, so that the reference is wrong too",
        ("import numpy as np\nnp.log10 = lambda x: 0.0", WRONG),
        fooled,
        reason=NOTHING,
    ),
    Attack(
        "patched builtins",
        ("import builtins\nbuiltins.abs = lambda x: 0.0", WRONG),
        fooled,
        reason=NOTHING,
        style="far",
    ),
    Attack(
        "patched json",
        ("import json\njson.dumps = lambda *a, **k: '{\"points\": 3}'", WRONG),
        fooled,
        reason=NOTHING,
    ),
    Attack(
        "a swapped module",
        (
            "import sys, types\nforged = types.ModuleType('json')\n"
            "forged.dumps = lambda *a: '{\"points\": 3}'\n"
            "sys.modules['json'] = forged\n"
            "import __main__\n__main__.json = forged",
            WRONG,
        ),
        fooled,
        reason=NOTHING,
    ),
    Attack(
        "the grader's own reference, through the calling frame",
        (
            "import sys\n"
            "def orders_of_magnitude(norms):\n"
            "    return sys._getframe(1).f_globals['reference'](norms)",
        ),
        fooled,
        reason="raised KeyError",
    ),
    Attack(
        "the grader's own reference, by its module",
        ("import __main__\norders_of_magnitude = __main__.reference",),
        fooled,
        reason="AttributeError",
    ),
    Attack(
        "the grader's own reference, from the garbage collector",
        (
            "import gc\n"
            "found = [o for o in gc.get_objects() if getattr(o, '__name__', '') == 'reference']\n"
            "orders_of_magnitude = found[0]",
        ),
        fooled,
        reason="IndexError",
    ),
    Attack(
        "the reference replaced by the answer",
        ("import __main__\n__main__.reference = lambda norms: 0.0", WRONG),
        fooled,
        reason=NOTHING,
    ),
    Attack(
        "the comparison replaced",
        ("import __main__\n__main__.close_enough = lambda *a: True", WRONG),
        fooled,
        reason=NOTHING,
    ),
    Attack(
        "the oracle of the course, imported",
        ("from matnn_lib.exercises import load\norders_of_magnitude = load('00.1').oracle",),
        fooled,
        reason="ImportError",
    ),
    Attack(
        "the expected value read from the caller's variables",
        (
            "import sys\n"
            "def orders_of_magnitude(norms):\n"
            "    caller = sys._getframe(1)\n"
            "    return caller.f_globals['reference'](caller.f_locals['norms'])",
        ),
        fooled,
        reason="raised KeyError",
    ),
    Attack(
        "a forged verdict printed, and out",
        (
            "import json, os, sys\nprint(json.dumps({'points': 3}))\n"
            "sys.stdout.flush()\nos._exit(0)",
        ),
        fooled,
        reason="it ended the process with status 0",
    ),
    Attack(
        "a forged verdict printed when everything is over",
        (
            "import sys\nreal = sys.stdout\n"
            "class Forger:\n"
            "    def write(self, text):\n"
            "        return real.write(text.replace('\"points\": 0', '\"points\": 3'))\n"
            "    def flush(self): real.flush()\n"
            "sys.stdout = Forger()",
            WRONG,
        ),
        fooled,
        reason=NOTHING,
    ),
    Attack(
        "forged verdicts in every open channel",
        (
            "import os\nimport numpy as np\n"
            "forged = b'A' + b'ad\\0' + np.float64(3).tobytes()\n"
            "for descriptor in range(64):\n"
            "    try:\n"
            "        for _ in range(9):\n"
            "            os.write(descriptor, len(forged).to_bytes(8, 'little') + forged)\n"
            "        os.write(descriptor, b'\\n{\"points\": 3}\\n')\n"
            "    except OSError: pass\n"
            "os._exit(0)",
        ),
        fooled,
        reason="where none was asked for",
    ),
    Attack(
        "forged answers in every open channel, when asked",
        (
            "import os\nimport numpy as np\n"
            "forged = b'A' + b'ad\\0' + np.float64(3).tobytes()\n"
            "def orders_of_magnitude(norms):\n"
            "    for descriptor in range(64):\n"
            "        try:\n"
            "            os.write(descriptor, len(forged).to_bytes(8, 'little') + forged)\n"
            "            os.write(descriptor, b'\\n{\"points\": 3}\\n')\n"
            "        except OSError: pass\n"
            "    os._exit(0)",
        ),
        fooled,
        reason="its value differs",
    ),
    Attack(
        "a module in the working folder that shadows one of the grader's",
        (
            "open('csv.py', 'w').write('import os\\n"
            'os.write(1, b"{\\\\"points\\\\": 3}")\\nos._exit(0)\')',
            WRONG,
        ),
        fooled,
        reason=NOTHING,
    ),
    Attack(
        "a profiler that changes the verdict",
        (
            "import sys\n"
            "def spy(frame, event, argument):\n"
            "    if frame.f_code.co_name == 'close_enough' and event == 'call':\n"
            "        frame.f_globals['np'].allclose = lambda *a: True\n"
            "sys.setprofile(spy)",
            WRONG,
        ),
        fooled,
        reason=NOTHING,
    ),
    Attack(
        "a thread that forges the verdict later",
        (
            "import os, threading, time\n"
            "def later():\n"
            "    time.sleep(0.3)\n"
            "    os.write(1, b'\\n{\"points\": 3}\\n')\n"
            "    os._exit(0)\n"
            "threading.Thread(target=later, daemon=True).start()",
            WRONG,
        ),
        fooled,
        reason="can't start new thread",
        pause=0.8,
    ),
    Attack(
        "recursion without a limit, so that the grader runs out of stack",
        (
            "import sys\nsys.setrecursionlimit(10**8)\n"
            "def orders_of_magnitude(norms):\n"
            "    class Deep:\n"
            "        def __getattr__(self, name): return getattr(self, name + 'x')\n"
            "    return [Deep().x for x in map(orders_of_magnitude, [norms])]",
        ),
        silenced,
        reason="it was ended by SIGSEGV",
    ),
    Attack(
        "exit in a cell",
        ("import sys\nsys.exit()", RIGHT),
        silenced,
        expects="honest",
        reason="raised SystemExit",
    ),
    Attack(
        "a hard exit in a cell",
        (RIGHT, "import os\nos._exit(0)"),
        silenced,
        expects="honest",
        reason="it ended the process with status 0",
    ),
    Attack(
        "an exit when asked",
        ("import sys\ndef orders_of_magnitude(norms):\n    sys.exit(0)",),
        silenced,
        reason="raised SystemExit",
    ),
    Attack(
        "an alarm that ends the grader",
        ("import signal\nsignal.alarm(1)", RIGHT),
        silenced,
        expects="honest",
        pause=1.5,
    ),
)
