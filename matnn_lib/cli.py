"""The `matnn` command: a thin door. Each command imports what it needs when it runs."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import click


class Door(click.Group):
    """Turns the library's errors into one sentence and exit code 1 (2 is wrong usage)."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort):  # click's own, and RuntimeErrors too
            raise
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            if ctx.params["traceback"] or isinstance(error, BrokenPipeError):
                raise
            raise click.ClickException(_sentence(error)) from None


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        reason = {
            errno.EACCES: "no permission to use",
            errno.EPERM: "no permission to use",
            errno.EROFS: "nothing can be written on the disk of",
            errno.ENOSPC: "the disk is full, so this can't be written:",
        }.get(error.errno or 0, f"{str(error.strerror).lower()}:")
        return f"{reason} {error.filename}"
    return str(error) or type(error).__name__


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="matnn", message="%(prog)s %(version)s")
@click.option("--traceback", is_flag=True, help="On an error, show where in the code it arose.")
def main(traceback: bool) -> None:
    """Matrix analysis for people who train neural networks: the course's command."""


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Serve on this port.")
@click.option("--no-browser", is_flag=True, help="Print the address, open nothing.")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="The folder to copy the course to, instead of work/ beside it.",
)
def learn(port: int | None, no_browser: bool, to: Path | None) -> None:
    """Copy the course, open JupyterLab.

    The copy is work/, opened on the first chapter. Run again, it adds what is new in the course
    and keeps what you wrote.
    """
    from matnn_lib.study import learn as study

    study.learn(to, port, not no_browser, click.echo)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def notebooks(paths: tuple[Path, ...]) -> None:
    """Execute notebooks in place.

    These, or all of the course's. On one machine a second run changes nothing.
    """
    from matnn_lib.study import notebooks as study

    study.execute(paths, click.echo)


@main.command()
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option("--measure", metavar="ID", help="Measure one claim here and now, or all.")
@click.option("--size", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--break-it", metavar="ID", help="Look for a case that flips the verdict of a claim.")
@click.option("--start", multiple=True, help="With --break-it: starts to try.")
@click.option("--depth", multiple=True, type=int, help="With --break-it: hidden layers to try.")
@click.option("--rate", multiple=True, type=float, help="With --break-it: learning rates to try.")
@click.option("--seed", multiple=True, type=int, help="Seeds to measure with.")
@click.option("--json", "as_json", is_flag=True, help="Print data for programs.")
def claims(
    names: tuple[str, ...],
    measure: str | None,
    size: str,
    break_it: str | None,
    start: tuple[str, ...],
    depth: tuple[int, ...],
    rate: tuple[float, ...],
    seed: tuple[int, ...],
    as_json: bool,
) -> None:
    """Show the verdicts on the claims.

    They come from the evidence that is kept, unless you ask to --measure here and now: at size
    "quick" on smaller nets, in seconds, at "full" as kept, in minutes. Name an ID to see one.
    """
    from matnn_lib.study.claims import report

    if bool(names) + bool(measure) + bool(break_it) > 1:
        raise click.UsageError("name claims, or --measure, or --break-it: one of these at a time")
    if break_it:
        lines = report.attempts(
            break_it, {"start": start, "layers": depth, "rate": rate}, seed, as_json
        )
    elif start or depth or rate:
        raise click.UsageError("--start, --depth and --rate go with --break-it")
    elif measure:
        lines = report.measured(measure, size, seed or (0,), as_json)
    elif seed:
        raise click.UsageError("--seed goes with --measure or --break-it")
    else:
        lines = report.published(names, as_json)
    for line in lines:
        click.echo(line)


@main.command()
@click.argument("names", nargs=-1)
@click.option("--workers", type=click.IntRange(1), help="Processes; all cores unless given.")
def evidence(names: tuple[str, ...], workers: int | None) -> None:
    """Compute the kept evidence anew.

    Tables by NAME, or "claims", or everything.
    """
    from matnn_lib.study import evidence as study

    for line in study.main(names, workers):
        click.echo(line)


@main.command()
def progress() -> None:
    """Show which exercises you solved.

    In the copy of the course in this folder, or in work/.
    """
    from matnn_lib.exercises import progress as exercises

    for line in exercises.table():
        click.echo(line)


@main.command()
@click.option("--chapters", metavar="NN,NN", help="Chapters, as in 02,04; all unless given.")
@click.option("--exercises", metavar="NN.N,NN.N", help="Exercises, as in 02.3,04.1, instead.")
@click.option("--to", type=click.Path(path_type=Path), help="Folder; exercises/ unless given.")
@click.option("--variant", type=click.IntRange(0), default=0, help="A class's own numbers.")
def release(chapters: str | None, exercises: str | None, to: Path | None, variant: int) -> None:
    """Write notebooks for students.

    A guide for the instructor goes beside their folder.
    """
    from matnn_lib.grading import release as grading

    for path in grading.release(to, grading.chosen(chapters, exercises), variant=variant):
        click.echo(path)


@main.command()
@click.argument("submissions", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for results.")
@click.option("--chapters", metavar="NN,NN", help="Chapters, as in 02,04; all unless given.")
@click.option("--exercises", type=click.Path(path_type=Path), help="Private exercises (.py).")
@click.option("--seed", type=int, help="Seed of the hidden inputs; drawn and kept unless given.")
@click.option("--variant", type=click.IntRange(0), help="The variant released.")
@click.option("--seconds", type=click.FloatRange(1), help="A notebook's time; 20 unless given.")
@click.option("--roster", type=click.Path(exists=True, path_type=Path), help="The class (.csv).")
@click.option("--column", metavar="TITLE", help="The assignment's column in Canvas's gradebook.")
@click.option(
    "--deadline",
    type=click.DateTime(
        [f"%Y-%m-%d{t}" for t in ("T%H:%M", " %H:%M", "T%H:%M:%S", " %H:%M:%S", "")]
    ),
    metavar="2026-11-20T23:59",
    help="After it, a notebook is late.",
)
@click.option("--late", metavar="DAYS:FACTOR", help="Late by up to DAYS, points × FACTOR; then 0.")
@click.option("--details", is_flag=True, help="Show inputs and answers on the pages.")
@click.option("--regrade", metavar="ID", default="", help="Mark this exercise anew, no other.")
@click.option("--merge", type=click.Path(exists=True, path_type=Path), help="Marks by hand (.csv).")
@click.option("--workers", type=click.IntRange(1), help="At a time; one a core unless given.")
@click.option("--dask", metavar="ADDRESS", default="", help="Run on this Dask cluster.")
@click.option("--trust-submissions", is_flag=True, help="Grade even without a sandbox.")
def grade(submissions: Path | None, out: Path, merge: Path | None, **options: Any) -> None:
    """Grade a class's notebooks.

    SUBMISSIONS is a folder with one folder a student, or a learning platform's ZIP.
    """
    import sys

    if sys.platform != "linux":
        raise click.ClickException("grading needs Linux: use a Linux container here, or WSL")
    from matnn_lib.grading import command

    try:
        if merge is not None and submissions is None:
            lines = command.merge(out, merge)
        elif submissions is not None and merge is None:
            lines = command.grade(submissions, out, **options)
        else:
            raise click.UsageError("name the submissions to grade, or a table to --merge")
    except KeyboardInterrupt:
        message = "interrupted; the same command goes on where it was"
        raise click.ClickException(message) from None
    for line in lines:
        click.echo(line)
