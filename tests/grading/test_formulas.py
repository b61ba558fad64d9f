"""Formulas are readable on a page that loads nothing to set them."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.grading import formulas

SOLUTIONS = Path(__file__).parents[2] / "exercises" / "solutions"


def words(page: str) -> str:
    return html.unescape(re.sub(r"</?(i|br)>", "", page))


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"A^\top A", "A<sup>⊤</sup>A"),
        (r"\lVert A - A_r \rVert_F / \lVert A \rVert_F", "‖A−A<sub>r</sub>‖<sub>F</sub>/‖A‖"),
        (r"10^{-300}", "10<sup>−300</sup>"),
        (r"\tfrac{1}{2} \sqrt{2}", "(1)/(2)√(2)"),
        (r"a &lt; b \ge c", "a < b ≥ c"),
        (r"x \text{ for all } n", "x for all n"),
        (r"\log_{10} \kappa", "log <sub>10</sub>κ"),
        (r"\unheard{x}", "unheard x"),
        (r"\operatorname{tr}(A)", "tr(A)"),
        (r"\hat x^{", "x\u0302<sup></sup>"),
    ],
)
def test_tex_becomes_text(tex: str, expected: str) -> None:
    assert expected in words(formulas.shown(f"<p>so ${tex}$.</p>"))


def test_what_is_no_formula_stays() -> None:
    for page in ("<p>costs $5 or 6 $</p>", "<code>$x$</code> and <pre>$$y$$</pre>", "a $ b $ c"):
        assert formulas.shown(page) == page


def test_every_formula_of_the_course_is_known() -> None:
    for path in SOLUTIONS.glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                page = formulas.shown(html.escape("".join(cell["source"]), quote=False))
                prose = re.sub(r"`[^`]*`", "", page)
                assert "\\" not in prose
                assert not re.findall(r"\$[^\s$]", prose)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(r"\{}^_abx12 $<>&", max_size=40))
def test_no_formula_adds_a_tag_of_its_own(tex: str) -> None:
    page = formulas.shown(f"${html.escape(tex)}$")
    assert not set(re.findall(r"</?(\w+)", page)) - {"i", "sub", "sup", "br"}
