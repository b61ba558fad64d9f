"""The learner's copy: what is new arrives, what the learner wrote stays."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from matnn_lib.study.delivery import MANIFEST, deliver


def notebook(code, output="1\n"):
    cell = new_code_cell(
        code, id="b", execution_count=1, outputs=[new_output("stream", name="stdout", text=output)]
    )
    return new_notebook(cells=[new_markdown_cell("# Größe", id="a"), cell])


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "my course"
    for name in ("chapters/img", "exercises/solutions", "chapters/.ipynb_checkpoints"):
        (folder / name).mkdir(parents=True)
    nbformat.write(notebook("print(1)"), folder / "chapters" / "00-start.ipynb")
    nbformat.write(notebook("check(1)"), folder / "exercises" / "00-start.ipynb")
    nbformat.write(notebook("answer = 1"), folder / "exercises" / "solutions" / "00-start.ipynb")
    (folder / "chapters" / "img" / "a.png").write_bytes(b"\x89PNG\r\n")
    (folder / "chapters" / "references.bib").write_text("@article{a}\n")
    (folder / "chapters" / ".ipynb_checkpoints" / "00-start.ipynb").write_text("{}")
    (folder / "README.md").write_text("not the learner's\n")
    return folder


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


FILES = [
    "chapters/00-start.ipynb",
    "chapters/img/a.png",
    "chapters/references.bib",
    "exercises/00-start.ipynb",
    "exercises/solutions/00-start.ipynb",
]


def found(work):
    return sorted(p.relative_to(work).as_posix() for p in work.rglob("*") if p.is_file())


def test_first_delivery_brings_chapters_exercises_and_what_they_show(course, work):
    delivery = deliver(course, work)
    assert delivery == (FILES, [], [])
    assert found(work) == [MANIFEST.as_posix(), *FILES]
    assert (work / "chapters/img/a.png").read_bytes() == b"\x89PNG\r\n"


def test_chapters_arrive_as_jupyter_writes_them_but_without_results(course, work):
    deliver(course, work)
    path = work / "chapters" / "00-start.ipynb"
    delivered = nbformat.read(path, as_version=4)
    nbformat.validate(delivered)
    assert [c.source for c in delivered.cells] == ["# Größe", "print(1)"]
    assert delivered.cells[1].outputs == []
    assert delivered.cells[1].execution_count is None
    assert path.read_text(encoding="utf-8") == nbformat.writes(delivered) + "\n"


def test_worked_solutions_keep_their_results(course, work):
    deliver(course, work)
    name = "exercises/solutions/00-start.ipynb"
    assert (work / name).read_bytes() == (course / name).read_bytes()


def test_second_delivery_does_nothing(course, work):
    deliver(course, work)
    before = {name: (work / name).stat().st_mtime_ns for name in FILES}
    assert deliver(course, work) == ([], [], [])
    assert {name: (work / name).stat().st_mtime_ns for name in FILES} == before


def test_outputs_of_the_course_alone_do_not_make_a_new_chapter(course, work):
    deliver(course, work)
    nbformat.write(notebook("print(1)", output="2\n"), course / "chapters" / "00-start.ipynb")
    assert deliver(course, work) == ([], [], [])


def test_untouched_file_follows_the_course(course, work):
    deliver(course, work)
    (course / "chapters/references.bib").write_text("@article{b}\n")
    assert deliver(course, work).updated == ["chapters/references.bib"]
    assert (work / "chapters/references.bib").read_text() == "@article{b}\n"


def test_what_the_learner_wrote_is_never_overwritten_and_named_while_the_course_is_ahead(
    course, work
):
    deliver(course, work)
    mine = work / "chapters" / "00-start.ipynb"
    mine.write_text("mine")
    assert deliver(course, work) == ([], [], [])
    nbformat.write(notebook("print(2)"), course / "chapters" / "00-start.ipynb")
    for _ in range(2):
        assert deliver(course, work).kept == ["chapters/00-start.ipynb"]
        assert mine.read_text() == "mine"
    mine.rename(mine.with_name("00-mine.ipynb"))
    assert deliver(course, work).added == ["chapters/00-start.ipynb"]
    assert "print(2)" in mine.read_text(encoding="utf-8")
    assert mine.with_name("00-mine.ipynb").read_text() == "mine"


def test_file_that_was_there_before_the_course_is_the_learners(course, work):
    (work / "exercises").mkdir(parents=True)
    (work / "exercises" / "00-start.ipynb").write_text("mine")
    assert deliver(course, work).kept == ["exercises/00-start.ipynb"]
    assert (work / "exercises" / "00-start.ipynb").read_text() == "mine"


def test_deleted_file_comes_back(course, work):
    deliver(course, work)
    (work / "chapters" / "00-start.ipynb").unlink()
    assert deliver(course, work).added == ["chapters/00-start.ipynb"]


@pytest.mark.parametrize("changed", [False, True])
def test_file_that_left_the_course_leaves_the_copy_unless_the_learner_wrote_in_it(
    course, work, changed
):
    deliver(course, work)
    if changed:
        (work / "chapters/references.bib").write_text("mine")
    (course / "chapters/references.bib").unlink()
    deliver(course, work)
    assert (work / "chapters/references.bib").exists() == changed
    (course / "chapters/references.bib").write_text("@article{c}\n")
    deliver(course, work)
    assert (work / "chapters/references.bib").read_text() == (
        "mine" if changed else "@article{c}\n"
    )


@pytest.mark.parametrize("damage", [b"", b"[1]", b'{"chapters', b"\xff"])
def test_without_a_legible_manifest_nothing_of_the_learners_is_lost(course, work, damage):
    deliver(course, work)
    (work / "chapters/00-start.ipynb").write_text("mine")
    (work / MANIFEST).write_bytes(damage)
    delivery = deliver(course, work)
    assert (work / "chapters/00-start.ipynb").read_text() == "mine"
    assert delivery.kept == ["chapters/00-start.ipynb"]
    assert set(json.loads((work / MANIFEST).read_bytes())) == set(FILES)


def test_interrupted_delivery_leaves_whole_files_and_goes_on(course, work, monkeypatch):
    import matnn_lib.study.delivery as module

    write_whole, calls = module.write_whole, []

    def interrupted(path, content):
        calls.append(path)
        if len(calls) == 3:
            raise KeyboardInterrupt
        write_whole(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_whole", interrupted)
        with pytest.raises(KeyboardInterrupt):
            deliver(course, work)
    assert found(work) == FILES[:2]
    assert deliver(course, work) == (FILES[2:], [], [])


@pytest.mark.parametrize("where", [".", "chapters", "exercises/mine", "matnn_lib"])
def test_course_is_not_copied_onto_itself(course, where):
    with pytest.raises(ValueError, match="can't be copied onto itself"):
        deliver(course, course / where)
    assert not (course / where / MANIFEST).exists()


def test_copy_inside_the_checkout_is_fine(course):
    assert deliver(course, course / "work").added == FILES
    assert deliver(course, course / "work") == ([], [], [])


@pytest.mark.parametrize("name", ["work", "work/deeper"])
def test_file_in_the_way_is_named(course, tmp_path, name):
    (tmp_path / "work").write_text("a file")
    with pytest.raises(NotADirectoryError, match=r"a file is in the way: .* --to"):
        deliver(course, tmp_path / name)
    assert (tmp_path / "work").read_text() == "a file"


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"cells": [1]}'])
def test_damaged_chapter_is_named_with_the_way_to_get_it_back(course, work, damage):
    (course / "chapters" / "00-start.ipynb").write_text(damage)
    with pytest.raises(ValueError, match=r"00-start.ipynb is damaged; .* git checkout"):
        deliver(course, work)
