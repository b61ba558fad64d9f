"""Names and texts that attack those who read the results: spreadsheets, browsers, terminals."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from matnn_lib.cli import main
from tests.grading.submitted import RIGHT, hand_in, notebook

FORMULA = "=cmd|' /C calc'!A0"
SCRIPT = "<script>alert(1)</script>"


@dataclass(frozen=True)
class Kind:
    """A hostile text, and how it shows that it worked where nobody was on guard."""

    text: str
    worked: Callable[[str, str], bool]


def table(text: str) -> str:
    """A table as many write it."""
    return f"student,points\n{text},5\n"


def page(text: str) -> str:
    """A page as many write it."""
    return f"<h1>{text}</h1><a title='{text}'>feedback</a>"


def is_formula(written: str, shown: str) -> bool:
    return any(row[0].lstrip("\t\r \u202e").startswith(tuple("=+-@")) for row in cells(written)[1:])


def cells(written: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(written)) if row]


def has_another_row(written: str, shown: str) -> bool:
    return len(cells(written)) > 2


def has_another_column(written: str, shown: str) -> bool:
    return any(len(row) > 2 for row in cells(written))


def runs(written: str, shown: str) -> bool:
    return Elements(shown).active


def hidden(*categories: str) -> Callable[[str, str], bool]:
    return lambda written, shown: any(
        unicodedata.category(c) in categories and c != "\n" for c in shown
    )


class Elements(HTMLParser):
    """What a browser would run or load of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.active = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        loads = tag in ("script", "img", "iframe", "object", "embed", "link", "form", "base")
        self.active |= loads or any(name.startswith("on") for name in names)


KINDS = {
    "a formula that runs a program": Kind(FORMULA, is_formula),
    "a formula that sends": Kind('=HYPERLINK("http://127.0.0.1/?"&A2)', is_formula),
    "a formula with plus": Kind("+1+cmd|' /C calc'!A0", is_formula),
    "a formula with minus": Kind("-1+cmd|' /C calc'!A0", is_formula),
    "a formula with at": Kind("@SUM(1+1)*cmd|' /C calc'!A0", is_formula),
    "a formula after a tab": Kind("\t" + FORMULA, is_formula),
    "a formula after a direction mark": Kind("\u202e" + FORMULA, is_formula),
    "another row": Kind("eve,0\nmallory,5", has_another_row),
    "another column": Kind("mallory,5", has_another_column),
    "a script": Kind(SCRIPT, runs),
    "a script after a quotation mark": Kind("'><img src=x onerror=alert(1)>", runs),
    "an event in an attribute": Kind("' onmouseover='alert(1)", runs),
    "a reversed name": Kind("\u202eannA\u202c", hidden("Cf")),
    "an invisible character": Kind("an\u200bna", hidden("Cf")),
    "a terminal's escape": Kind("\x1b[2Jgone", hidden("Cc")),
    "a bell": Kind("ding\x07", hidden("Cc")),
    "marks that climb": Kind(
        "e" + "\u0301" * 60, lambda written, shown: shown.count("\u0301") > 20
    ),
    "a name without end": Kind("n" * 240, lambda written, shown: len(written) > 230),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_text_works_where_nobody_is_on_guard(kind: str) -> None:
    text = KINDS[kind].text
    assert KINDS[kind].worked(table(text), page(text))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class whose names, file names, prints, errors and texts are all hostile."""
    root = tmp_path_factory.mktemp("names")
    for number, kind in enumerate(KINDS.values()):
        text = kind.text.replace("/", "\u2215")
        prints = f"print({kind.text!r})\nraise ValueError({kind.text!r})"
        answer = f"why = {kind.text!r} + ' for a reason'"
        content = notebook(RIGHT, prints, answer)
        hand_in(root / "in", f"{number:02d}", content)
        hand_in(root / "in", text[:200], content, f"00{text[:100]}.ipynb")
    (root / "private.py").write_text(
        "from matnn_lib.exercises import Case, Exercise\n"
        "EXERCISES = (Exercise(id='00.9', level='core', minutes=5, kind='text', answer='why',"
        " cases=(Case('the text', points=4),)),)\n"
    )
    (root / "private.toml").write_text('["00.9"]\ntitle = "Why?"\nrubric = "4 points"\n')
    options = ["--out", root / "out", "--chapters", "00", "--exercises", root / "private.py"]
    ran = CliRunner().invoke(main, ["grade", *map(str, [root / "in", *options])])
    assert ran.exit_code == 0, ran.output
    assert not hidden("Cc", "Cf", "Cs")("", ran.output.replace("\r", ""))
    return root / "out"


def test_everyone_is_there_once_with_their_points(graded: Path) -> None:
    with (graded / "gradebook.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(KINDS)
    assert len({row["student"] for row in rows}) == len(rows)
    assert {row["00.1"] for row in rows} == {"5"}


def test_no_cell_of_any_table_is_a_formula_or_has_hidden_characters(graded: Path) -> None:
    tables = list(graded.glob("*.csv"))
    assert {path.name for path in tables} >= {"grades.csv", "gradebook.csv", "to-mark.csv"}
    for path in tables:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                for cell in row:
                    number = cell.replace(".", "", 1).removeprefix("-").isdigit()
                    assert number or not cell.lstrip().startswith(tuple("=+-@\t"))
                    assert not hidden("Cc", "Cf", "Cs")("", cell)


def test_no_page_runs_or_loads_anything_or_has_hidden_characters(graded: Path) -> None:
    pages = [*(graded / "feedback").glob("*.html"), graded / "class.html"]
    assert len(pages) == 2 * len(KINDS) + 1
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert not Elements(text).active
        assert not hidden("Cc", "Cf", "Cs")("", text)
        assert text.count("\u0301") <= 60
        assert path.name.isascii()


def test_what_was_printed_and_raised_is_shown_to_the_student(graded: Path) -> None:
    number = list(KINDS).index("a script")
    (path,) = (graded / "feedback").glob(f"{number:02d}-*.html")
    text = path.read_text(encoding="utf-8")
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3


def test_an_archive_can_write_elsewhere_where_nobody_is_on_guard(tmp_path: Path) -> None:
    """Grading such an archive is tested with the submissions: names are labels, never paths."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../evil.ipynb", json.dumps({}))
    to = tmp_path / "to"
    to.mkdir()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        for info in archive.infolist():
            (to / info.filename).write_bytes(archive.read(info))
    assert (tmp_path / "evil.ipynb").exists()
