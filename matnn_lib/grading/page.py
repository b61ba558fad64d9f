"""A student's feedback page: one HTML file that needs nothing beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from matnn_lib.grading.sheet import Sheet, number


@cache
def template(name: str) -> Template:
    """Return a page's template; everything that is put into it is escaped."""
    environment = Environment(
        loader=PackageLoader("matnn_lib.grading", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["number"] = number
    return environment.get_template(name)


def file_name(student: str, key: str) -> str:
    """Return a file name in which only letters, digits and ``-_.`` of the student's name are left.

    Examples
    --------
    >>> file_name("../Zoë Q.", "0f3a")
    'Zo-Q-0f3a.html'
    """
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "_.") else "-" for c in student)
    name = "-".join(part for part in kept.split("-") if part.strip("."))
    return f"{name.strip('.')[:60] or 'student'}-{key}.html"


def write(folder: Path, sheet: Sheet, details: bool) -> str:
    """Write the page of one sheet, and return its name.

    With `details`, the first failing input and what was expected are shown, as is right once
    nobody can hand in any more; without, only the kind of the difference.
    """
    text = template("feedback.html").render(sheet=sheet, details=details)
    name = file_name(sheet.student, sheet.key)
    (folder / name).write_text(text, encoding="utf-8")
    return name
