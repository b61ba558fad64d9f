"""How fast a class is graded, how its memory grows, and what nbgrader takes for the same notebooks.

    python benchmarks/grading.py [--chapter 4] [--students 300] [--memory 30 3000] [--nbgrader 6]

The class hands in a chapter's solved notebook, with three answers in ten replaced by wrong ones.
What the notebook itself computes is part of the time: with chapter 04 it is most of it.
Speed is for both phases, running and judging, start-up included, on all cores; a busy neighbour
shows in the machine's load before, which stands beside it. Memory is the largest that any of the
grader's own processes had. nbgrader, installed with the extra ``ci``, grades one after another.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

ROOT = Path(__file__).parents[1]
WRONG = 0.3
REGION = re.compile(r"( *)### BEGIN SOLUTION.*?### END SOLUTION", flags=re.DOTALL)


def spoiled(notebook: dict, rng: random.Random) -> dict:
    """Return the notebook with some of its solutions replaced by something wrong."""
    notebook = json.loads(json.dumps(notebook))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if "### BEGIN SOLUTION" in source and rng.random() < WRONG:
            name = source.split(" ")[0]
            wrong = f"{name} = 1.0" if source.startswith(name + " =") else r"\1return 1.0"
            cell["source"] = REGION.sub(wrong, source)
    return notebook


def solved_notebook(chapter: int) -> Path:
    """Return the worked notebook of a chapter."""
    return next((ROOT / "exercises" / "solutions").glob(f"{chapter:02d}-*.ipynb"))


def hand_in(folder: Path, source: Path, students: int) -> None:
    """Write a class's submissions into `folder`."""
    solved = json.loads(source.read_text(encoding="utf-8"))
    rng = random.Random(0)
    for number in range(students):
        path = folder / f"student{number:04d}" / source.name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(spoiled(solved, rng)), encoding="utf-8")


def grade(folder: Path, source: Path, out: Path) -> tuple[float, float]:
    """Grade a class; return seconds and the largest resident MB."""
    program = (
        "import resource, sys; from matnn_lib.cli import main\n"
        "try: main()\n"
        "finally:\n"
        "    who = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN\n"
        "    print('PEAK', max(resource.getrusage(w).ru_maxrss for w in who) / 1024)"
    )
    options = [str(folder), "--out", str(out), "--chapters", source.name[:2], "--seed", "1"]
    start = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-c", program, "grade", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.monotonic() - start
    print("\n".join(ran.stdout.splitlines()[:2]))
    return seconds, float(ran.stdout.split("PEAK")[1])


def nbgrader(folder: Path, source: Path, students: int) -> float:
    """Have nbgrader grade the first submissions of `folder`; return seconds for each."""
    with tempfile.TemporaryDirectory() as place:
        course = Path(place)
        shutil.copy(ROOT / "exercises" / "nbgrader_config.py", course)
        (course / "source" / "ps").mkdir(parents=True)
        shutil.copy(source, course / "source" / "ps")
        for student in sorted(folder.iterdir())[:students]:
            shutil.copytree(student, course / "submitted" / student.name / "ps")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        run = {"cwd": course, "capture_output": True, "check": True}
        run["env"] = {**os.environ, "PATH": path}
        command = [sys.executable, "-m", "nbgrader"]
        subprocess.run([*command, "generate_assignment", "ps", "--create"], **run)
        start = time.monotonic()
        subprocess.run([*command, "autograde", "ps"], **run)
        return (time.monotonic() - start) / students


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chapter", type=int, default=4)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--memory", type=int, nargs="*", default=[])
    parser.add_argument("--nbgrader", type=int, default=0)
    arguments = parser.parse_args()
    source = solved_notebook(arguments.chapter)
    with tempfile.TemporaryDirectory() as place:
        for students in [arguments.students, *arguments.memory]:
            folder = Path(place) / f"in{students}"
            if not folder.exists():
                hand_in(folder, source, students)
            load = os.getloadavg()[0]
            seconds, peak = grade(folder, source, Path(place) / f"out{students}")
            print(
                f"{students} submissions: {students / seconds:.1f} a second, at most {peak:.0f} MB "
                f"(load before: {load:.1f} on {os.cpu_count()} cores)"
            )
        if arguments.nbgrader:
            if importlib.util.find_spec("nbgrader") is None:
                sys.exit("nbgrader isn't installed: pip install '.[ci]'")
            each = nbgrader(Path(place) / f"in{arguments.students}", source, arguments.nbgrader)
            print(f"nbgrader: {each:.2f} s a submission, one after another")


if __name__ == "__main__":
    main()
