"""Before the deadline no word of what a student's code says about its hidden inputs is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from matnn_lib.cli import main
from matnn_lib.grading.brief import brief
from tests.grading.submitted import hand_in, notebook

TELLS = {
    "in its words": "raise ValueError('<<%s>>' % float(n[0]).hex())",
    "in a name": "raise type('X' + float(n[0]).hex().replace('.', '_'), (Exception,), {})",
    "in the words of a place": "raise KeyError('(cell 1, line %d: ' % (1e6 * n[0] % 1e9))",
    "in the kind of an answer": "return type('X' + float(n[0]).hex().replace('.', '_'), (), {})()",
    "in the fields of an array": "return np.zeros(2, [('X' + float(n[0]).hex(), int)])",
}


def graded(folder: Path, out: Path, *options: str) -> dict[str, str]:
    """Grade, and return everything that students and instructor read, by file."""
    arguments = ["grade", str(folder), "--out", str(out), "--chapters", "00", "--seed", "1"]
    result = CliRunner().invoke(main, [*arguments, *options])
    assert result.exit_code == 0, result.output
    read = [out / "grades.csv", *sorted((out / "feedback").iterdir())]
    return {path.name: path.read_text(encoding="utf-8") for path in read}


def test_hidden_inputs_reach_no_page_until_details_are_shown(tmp_path: Path) -> None:
    for student, line in TELLS.items():
        code = f"import numpy as np\ndef orders_of_magnitude(n):\n    {line}"
        hand_in(tmp_path / "in", student, notebook(code))
    told = re.compile(r"0x[01][._]|\d{5}")
    for name, text in graded(tmp_path / "in", tmp_path / "out").items():
        shown = re.sub(r"<style>.*</style>", "", text, flags=re.DOTALL)
        assert not told.search(shown.replace(name.removesuffix(".html")[-16:], "")), name
    after = graded(tmp_path / "in", tmp_path / "out", "--details")
    pages = [text for name, text in after.items() if name.startswith("in-its-words")]
    assert "&lt;&lt;0x" in pages[0]


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("it raised IndexError: 7 (cell 1, line 4: n[7])", "it raised IndexError (cell 1, line 4)"),
        ("it raised Mine: 7 (cell 1, line 4: x)", "it raised an exception (cell 1, line 4)"),
        ("it raised ", "it raised an exception"),
        ("it raised KeyError: '(cell 7, line 1234567890: '", "it raised KeyError"),
        ("it gave no answer that can be judged: it is a dict",) * 2,
        ("it gave no answer that can be judged: it is not a function",) * 2,
        ("it gave no answer that can be judged: its entries are not numbers (object)",) * 2,
        (
            "it gave no answer that can be judged: it is a Secret",
            "it gave no answer that can be judged",
        ),
        (
            "it gave no answer that can be judged: its entries are not numbers ([('7', int)])",
            "it gave no answer that can be judged",
        ),
        ("it was ended by SIGKILL",) * 2,
    ],
)
def test_of_a_workers_words_only_ours_are_left(reason: str, shown: str) -> None:
    assert brief(reason) == shown
