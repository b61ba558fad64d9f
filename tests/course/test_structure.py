"""Notebooks are valid, whole, in order, and have the parts that a reader counts on."""

import re

import nbformat
import pytest

from matnn_lib.study import course
from matnn_lib.study.questions import load_questions
from tests.course.notebooks import (
    CHAPTERS,
    COURSE,
    NOTEBOOKS,
    QUESTIONS,
    SOLUTIONS,
    code_cells,
    markdown,
    name,
    read,
)

# The recipe's parts in reading order, by how the ids of their cells begin.
PARTS = (
    *("card", "recall", "hook", "by-hand", "scratch", "statement", "experiment"),
    *("clinic", "network", "exercises", "claims", "exit", "sources"),
)
PARTS_OF_CHAPTER_00 = (
    *("card", "selfcheck", "recall", "hook", "scratch", "picture", "claim"),
    *("exercise", "exit", "sources"),
)
LONG_BY_NATURE = {"article-program"}  # the article's program, quoted whole

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=name)


def test_chapters_are_numbered_without_a_gap_and_each_has_its_exercises():
    numbers = [path.name[:2] for path in CHAPTERS]
    assert numbers == [f"{n:02d}" for n in range(len(CHAPTERS))]
    assert [p.name for p in QUESTIONS] == [p.name for p in SOLUTIONS] == [p.name for p in CHAPTERS]
    assert course.notebooks(COURSE) == NOTEBOOKS


@every_notebook
def test_notebook_is_valid_and_its_cells_have_ids_of_their_own(path):
    notebook = read(path)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert not [i for i in ids if re.fullmatch(r"[0-9a-f]{8}", i)], "ids say what a cell is"
    assert "version" not in notebook.metadata.get("language_info", {})


@every_notebook
def test_every_code_cell_was_run_from_the_top_and_none_failed(path):
    cells = code_cells(path)
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    assert not [c.id for c in cells for o in c.outputs if o.output_type == "error"]
    assert any(c.outputs for c in cells)


@every_notebook
def test_cells_fit_a_screen(path):
    lengths = {c.id: len(c.source.splitlines()) for c in code_cells(path)}
    too_long = {i: n for i, n in lengths.items() if n > 25 and i not in LONG_BY_NATURE}
    assert not too_long
    long = [i for i, n in lengths.items() if n > 15]
    assert len(long) <= len(lengths) / 4, "15 lines are the rule"


@every_notebook
def test_no_cell_hides_its_result_and_none_leaves_the_course(path):
    for cell in code_cells(path):
        assert not cell.source.rstrip().endswith(";"), cell.id
        assert not re.search(r"^\s*[%!]", cell.source, flags=re.M), f"{cell.id}: magic or shell"
        assert "default_rng()" not in cell.source, f"{cell.id}: a random number without a seed"
        assert not re.search(
            r"np\.random\.(?!default_rng|Generator|SeedSequence)", cell.source
        ) or (cell.id in LONG_BY_NATURE or "article" in cell.id), (
            f"{cell.id}: NumPy's global random state"
        )
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.:/])/(home|work|tmp|root|Users|usr|opt)/", text)
    assert not re.search(r"C:\\\\", text)


@every_chapter
def test_chapter_has_the_parts_of_the_recipe_in_order(path):
    ids = [cell.id for cell in read(path).cells]
    parts = PARTS_OF_CHAPTER_00 if path.name.startswith("00") else PARTS
    first = [next((i for i, cell in enumerate(ids) if cell.startswith(p)), None) for p in parts]
    assert None not in first, [p for p, f in zip(parts, first, strict=True) if f is None]
    assert first == sorted(first)


@every_chapter
def test_card_names_question_objectives_needs_and_time(path):
    cells = read(path).cells
    assert re.match(rf"# {path.name[:2]} · .+\n\n\*\*.+\?\*\*", cells[0].source)
    assert "../exercises/" + path.name in cells[0].source
    for word in ("**Needs**", "**Time**", "minutes"):
        assert word in cells[0].source


@every_chapter
def test_every_prediction_comes_before_its_measurement_and_is_confronted(path):
    source = "\n".join(cell.source for cell in code_cells(path))
    predicted = {m[1]: m.start() for m in re.finditer(r'predict\("([^"]+)"', source)}
    confronted = {m[1]: m.start() for m in re.finditer(r'confront\("([^"]+)"', source)}
    assert predicted
    assert predicted.keys() == confronted.keys()
    assert all(predicted[key] < confronted[key] for key in predicted)
    assert all(key.startswith(path.name[:2] + ".") for key in predicted)


@every_chapter
def test_recall_asks_three_to_five_questions_and_the_exit_ticket_three(path):
    chapter = path.name[:2]
    assert 3 <= len(load_questions(chapter, "recall")) <= 5
    assert len(load_questions(chapter, "exit")) == 3
    source = "\n".join(cell.source for cell in code_cells(path))
    assert f'recall("{chapter}"' in source
    assert f'exit_ticket("{chapter}"' in source


@every_chapter
def test_chapter_is_as_long_as_can_be_read_in_one_sitting(path):
    words = len(re.findall(r"\w+", re.sub(r"\$[^$]*\$", " ", markdown(path))))
    assert 1000 <= words <= 4200
    assert 2 <= sum(cell.source.count("plots.show(") for cell in code_cells(path)) <= 8


@every_chapter
def test_prose_calls_nothing_clear_or_simple(path):
    found = re.findall(
        r"\b(?:clearly|obviously|simply|trivially|of course)\b", markdown(path), re.I
    )
    assert not found
