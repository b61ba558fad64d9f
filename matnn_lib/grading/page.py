"""A student's feedback page: one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, Template

from matnn_lib.exercises.feedback import say
from matnn_lib.exercises.judge import Judgement
from matnn_lib.grading.clean import clean
from matnn_lib.grading.collect import Collected
from matnn_lib.grading.submissions import Submission

_LONGEST_LOG = 4000


@cache
def template(name: str) -> Template:
    """Return a page's template; everything that is put into it is escaped."""
    loader = PackageLoader("matnn_lib.grading", "templates")
    return Environment(loader=loader, autoescape=True, trim_blocks=True).get_template(name)


def file_name(student: str, key: str) -> str:
    """Return a file name in which only letters, digits and ``-_.`` of the student's name are left.

    Examples
    --------
    >>> file_name("../Zoë Q.", "0f3a")
    'Zo-Q-0f3a'
    """
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "_.") else "-" for c in student)
    name = "-".join(part for part in kept.split("-") if part.strip("."))
    return f"{name.strip('.')[:60] or 'student'}-{key}"


def write(
    folder: Path, submission: Submission, verdicts: Sequence[Judgement], collected: Collected
) -> None:
    """Write the page of one submission."""
    text = template("feedback.html").render(
        student=clean(submission.student),
        notebook=clean(submission.name),
        chapter=f"{submission.chapter:02d}",
        points=sum(verdict.points for verdict in verdicts),
        of=sum(verdict.exercise.points for verdict in verdicts),
        verdicts=verdicts,
        say=say,
        clean=clean,
        troubles=[clean(trouble, 400) for trouble in collected.troubles],
        log=clean(collected.log, _LONGEST_LOG, lines=True),
    )
    (folder / f"{file_name(submission.student, submission.key)}.html").write_text(
        text, encoding="utf-8"
    )
