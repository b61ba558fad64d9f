"""Answers that are no right results, but look like them to whoever asks the answer itself."""

from __future__ import annotations

from tests.grading.attacks.arena import Attack, fooled
from tests.grading.submitted import RIGHT

YES = """
class Yes:
    def __eq__(self, other): return True
    def __hash__(self): return 0
"""


def gives(value: str) -> str:
    return f"def orders_of_magnitude(norms):\n    return {value}"


FORGED_ARRAY = """
import numpy as np
class Near(np.ndarray):
    def __array_function__(self, function, types, args, kwargs): return True
    def __array_ufunc__(self, *args, **kwargs): return np.zeros(3)
"""
FORGED_NUMBER = """
class Near(float):
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
"""
FORGED_CLASS = """
import numpy as np
class Fake:
    __class__ = np.ndarray
    def __eq__(self, other): return True
"""
EVIL_PICKLE = """
class Evil:
    def __reduce__(self):
        return (open, (OUTSIDE + "/proof", "w"))
"""

ATTACKS = (
    Attack(
        "equal to everything",
        (YES + gives("Yes()"),),
        fooled,
        reason="it gave no answer that can be judged",
        style="equal",
    ),
    Attack(
        "an array of those equal to everything",
        ("import numpy as np\n" + YES + gives("np.array(Yes())"),),
        fooled,
        reason="its entries are not numbers (object)",
        style="equal",
    ),
    Attack(
        "an array that answers for NumPy",
        (FORGED_ARRAY + gives("np.zeros(()).view(Near)"),),
        fooled,
        reason="its value differs",
    ),
    Attack(
        "a number that is near to everything",
        (FORGED_NUMBER + gives("Near(0)"),),
        fooled,
        reason="its value differs",
        style="far",
    ),
    Attack(
        "something that says it is an array",
        (FORGED_CLASS + gives("Fake()"),),
        fooled,
        reason="its entries are not numbers (object)",
        style="array",
    ),
    Attack(
        "not a number", (gives("float('nan')"),), fooled, reason="it is not finite", style="far"
    ),
    Attack(
        "an empty array",
        ("import numpy as np\n" + gives("np.array([])"),),
        fooled,
        reason="its shape is (0,), not ()",
    ),
    Attack(
        "a masked array",
        ("import numpy as np\n" + gives("np.ma.array(1.0, mask=True)"),),
        fooled,
        reason="its value differs",
        style="far",
    ),
    Attack(
        "an answer that runs code when it is unpacked",
        (EVIL_PICKLE + gives("Evil()"),),
        lambda at, outcome: (at.outside / "proof").exists(),
        reason="it gave no answer that can be judged",
        style="pickle",
    ),
    Attack(
        "an answer that can't be unpacked",
        ("x = ()\nfor _ in range(300): x = (x,)\n" + gives("x"),),
        lambda at, outcome: outcome.loaded > 300,
        reason="parts in parts",
        style="pickle",
    ),
    Attack(
        "a huge answer",
        ("import numpy as np\n" + gives("np.zeros(3_000_000)"),),
        lambda at, outcome: outcome.loaded > 20 << 20,
        reason="more than 16 MB",
        style="pickle",
    ),
    Attack(
        "a right answer and an exit afterwards",
        (RIGHT, "import atexit, os\natexit.register(os._exit, 1)"),
        fooled,
        expects="honest",
    ),
)
