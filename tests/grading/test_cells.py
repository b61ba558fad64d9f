"""A notebook runs cell by cell as in Jupyter, and what isn't Python does nothing."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest

from matnn_lib.grading.worker import cells, facts, magics
from tests.grading.submitted import notebook


def run(*sources: str, definitions_only: bool = False) -> tuple[dict[str, Any], list[str]]:
    names: dict[str, Any] = {}
    troubles: list[str] = []
    cells.run(
        list(sources),
        names,
        definitions_only=definitions_only,
        on_cell=lambda number: None,
        on_trouble=troubles.append,
    )
    return names, troubles


def test_sources_are_read_from_formats_4_and_3() -> None:
    assert cells.code_cells(notebook("x = 1\ny = 2", "z")) == ["x = 1\ny = 2", "z"]
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a", "b"]}]}]}
    assert cells.code_cells(json.dumps(old).encode()) == ["ab"]
    assert cells.code_cells(b"\xef\xbb\xbf" + notebook("x")) == ["x"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no",
        b"[]",
        b"3",
        b"{}",
        b'{"cells": 3}',
        b'{"cells": [3]}',
        b'{"worksheets": []}',
        b'{"worksheets": 1}',
        b'{"worksheets": [1]}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"cells": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(cells.NotANotebookError, match=r"\w"):
        cells.code_cells(content)


def test_cells_of_odd_content_are_empty() -> None:
    odd = {"cells": [{"cell_type": "code", "source": s} for s in (None, 3, [1, "x"], {})]}
    assert cells.code_cells(json.dumps(odd).encode()) == ["", "", "x", ""]


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("x = 1", "x = 1"),
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if True:\n    !ls\n    x = 1", "if True:\n    pass\n    x = 1"),
        ("?print\nnp.linalg?\nx = 1", "pass\npass\nx = 1"),
        ("%%bash\nrm x", ""),
        ("\n%%time\nx = 1", "\n\nx = 1"),
        ("x = '''\n%not magic\n'''", "x = '''\n%not magic\n'''"),
        ("x = (10\n% 3)", "x = (10\n% 3)"),
        ("files = !ls\nx = 1", "files = []\nx = 1"),
        ("a, b = %magic", "a, b = []"),
        ("%time x = f(1)", "x = f(1)"),
        ("if x:\n    %time f(x)", "if x:\n    f(x)"),
        ("%timeit x = f(1)", "pass"),
        ("x = [1,  # why?\n2]\n%magic", "x = [1,  # why?\n2]\npass"),
        ("x = 'a\u2028b'  # c\u2029d\x0c\x1ce", "x = 'a\u2028b'  # c\u2029d\x0c\x1ce"),
        ("%magic\nx = 'a\u2028b\x0cc'", "pass\nx = 'a\u2028b\x0cc'"),
        ("x = 1\r\n%magic\r\ny = 2", "x = 1\npass\ny = 2"),
    ],
)
def test_magics_do_nothing_and_python_stays(source: str, result: str) -> None:
    assert magics.without_magics(source) == result


def test_a_failing_cell_does_not_stop_the_next() -> None:
    names, troubles = run("x = 1/0", "y = 2", "import sys\nsys.exit(1)", "z = 3", "def", "w = 4")
    assert (names["y"], names["z"], names["w"]) == (2, 3, 4)
    assert troubles[0] == ("ZeroDivisionError: division by zero (cell 1, line 1: x = 1/0)")
    assert troubles[1].startswith("SystemExit: 1")
    assert troubles[2].startswith("SyntaxError: invalid syntax")


def test_the_innermost_line_of_the_student_is_named() -> None:
    _, troubles = run("def f(x):\n    return 1 / x", "f(0)")
    assert troubles == ["ZeroDivisionError: division by zero (cell 1, line 2: return 1 / x)"]


def test_an_exception_that_can_not_be_shown_is_still_named() -> None:
    source = "class E(Exception):\n    def __str__(self):\n        raise E\nraise E"
    assert run(source)[1] == ["E (cell 1, line 4: raise E)"]


def test_definitions_only_leaves_out_what_may_hang() -> None:
    source = (
        "import math\nfrom math import pi\nx = 3\ny = f()\nz = [1, {'a': -2}]\n"
        "def f():\n    return math.pi\nclass C: pass\nwhile True: pass\nprint(1)"
    )
    names, troubles = run(source, definitions_only=True)
    assert not troubles
    assert {"math", "pi", "x", "z", "f", "C"} <= set(names)
    assert "y" not in names
    kept = cells.definitions(ast.parse(source)).body
    assert len(kept) == 6


def test_what_is_awaited_at_the_top_is_finished() -> None:
    source = (
        "import asyncio\nasync def f(x):\n    await asyncio.sleep(0.01)\n    return 2 * x\n"
        "x = await f(3)\ny, z = await asyncio.gather(f(4), f(5))"
    )
    names, troubles = run(source, "w = await f(6)")
    assert troubles == []
    assert [names[name] for name in "xyzw"] == [6, 8, 10, 12]
    assert run("async def f():\n    1 / 0\nawait f()")[1] == [
        "ZeroDivisionError: division by zero (cell 1, line 2: 1 / 0)"
    ]


def test_lines_are_counted_as_python_counts_them() -> None:
    assert run("x = 'a\u2028b\x0cc'\n1 / 0")[1] == [
        "ZeroDivisionError: division by zero (cell 1, line 2: 1 / 0)"
    ]


def test_a_shell_takes_every_call() -> None:
    assert magics.Shell().run_line_magic("matplotlib", "inline") is None
    assert magics.Shell().system("ls") is None


def test_a_number_that_can_not_be_written_is_a_fact_like_others() -> None:
    source = f"def f():\n    return 0x{'f' * 6000}, [1, 2, 3], 'a', f(4), f(5), f(6)"
    assert facts.facts([source], ["f"])["f"]["calls"] == ["f"]
