"""Every figure says in words what there is to see, for screen readers and below the picture."""

import base64

import pytest

from tests.course.notebooks import CHAPTERS, COURSE, NOTEBOOKS, code_cells, name, read


def figures(path):
    """Return (cell, position of the output, output) of every picture in a notebook."""
    return [
        (cell, i, output)
        for cell in code_cells(path)
        for i, output in enumerate(cell.outputs)
        if "image/png" in output.get("data", {})
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_every_figure_has_alternative_text_and_the_same_words_below_it(path):
    for cell, i, output in figures(path):
        alt = output.metadata.get("image/png", {}).get("alt", "")
        assert len(alt.split()) >= 8, cell.id
        below = cell.outputs[i + 1]
        assert alt in below["data"]["text/markdown"], cell.id


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_pictures_that_leave_the_notebook_equal_the_ones_in_it(path):
    for cell in read(path).cells:
        if "picture" in cell.metadata:
            png = next(
                o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})
            )
            file = COURSE / "chapters" / cell.metadata["picture"]
            assert file.read_bytes() == base64.b64decode(png)
