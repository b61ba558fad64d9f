"""`matnn notebooks`: executing twice changes nothing, failing changes nothing either."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from matnn_lib.study.notebooks import execute


def write(path, *cells):
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def outputs(path):
    return [c.outputs for c in nbformat.read(path, as_version=4).cells]


def test_second_execution_leaves_every_byte_as_it_was(tmp_path):
    clock = {"tags": ["nbval-ignore-output"]}
    old = new_output("stream", name="stdout", text="took 3 s\n")
    path = write(
        tmp_path / "a b.ipynb",
        new_code_cell("import os, time\nprint(set('abcdef'), os.path.basename(os.getcwd()))"),
        new_code_cell("print(time.time())", metadata=clock, outputs=[old]),
        new_code_cell("print(time.time_ns())", metadata=clock),
        new_code_cell("for i in range(3):\n    print(i, flush=True)\n    time.sleep(0.05)\ni"),
    )
    said = []
    execute([path], said.append)
    first = path.read_bytes()
    execute([path], said.append)
    assert path.read_bytes() == first
    assert said == ["a b.ipynb: outputs changed", "a b.ipynb: as before"]
    greeting, kept, stored, loop = outputs(path)
    assert greeting[0].text.strip().endswith(tmp_path.name)
    assert kept == [old]
    assert stored[0].text.strip().isdigit()
    assert loop[0].text == "0\n1\n2\n"
    assert loop[1].data == {"text/plain": "2"}
    assert b"iopub" not in first
    assert b"execution_state" not in first


def test_metadata_do_not_depend_on_the_machine(tmp_path):
    path = write(tmp_path / "a.ipynb", new_code_cell("1"))
    execute([path])
    assert nbformat.read(path, as_version=4).metadata == {"language_info": {"name": "python"}}
    saved = nbformat.read(path, as_version=4)
    saved.metadata["language_info"] = {"name": "python", "mimetype": "m", "version": "3.99"}
    nbformat.write(saved, path)
    execute([path])
    language = nbformat.read(path, as_version=4).metadata["language_info"]
    assert language == {"name": "python", "mimetype": "m"}


def test_failing_cell_is_named_and_its_notebook_left_as_it_was(tmp_path):
    path = write(tmp_path / "wrong.ipynb", new_code_cell("1 / 0"))
    before = path.read_bytes()
    with pytest.raises(RuntimeError, match=r"wrong.ipynb failed: ZeroDivisionError: div"):
        execute([path])
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"cells": 1}'])
def test_file_that_is_no_notebook_is_named(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"x.ipynb is not a notebook"):
        execute([path])
