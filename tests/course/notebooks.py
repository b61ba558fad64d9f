"""The course's notebooks as the tests of this folder read them."""

from pathlib import Path

import nbformat

COURSE = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((COURSE / "chapters").glob("*.ipynb"))
QUESTIONS = sorted((COURSE / "exercises").glob("*.ipynb"))
SOLUTIONS = sorted((COURSE / "exercises" / "solutions").glob("*.ipynb"))
NOTEBOOKS = [*CHAPTERS, *QUESTIONS, *SOLUTIONS]


def name(path):
    """Return the path within the course, as a test's id."""
    return str(path.relative_to(COURSE))


def read(path):
    """Return a notebook."""
    return nbformat.read(path, as_version=4)


def code_cells(path):
    """Return the code cells that hold code."""
    return [c for c in read(path).cells if c.cell_type == "code" and c.source.strip()]


def markdown(path):
    """Return the text of all Markdown cells."""
    return "\n\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")
