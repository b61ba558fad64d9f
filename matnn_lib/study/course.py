"""Where the course lies, and which notebooks it consists of."""

from __future__ import annotations

from pathlib import Path

import matnn_lib

NOTEBOOK_FOLDERS = ("chapters", "exercises", "exercises/solutions")


def course_folder() -> Path:
    """Return the folder that holds chapters/ and exercises/: the one beside the library.

    Raises
    ------
    FileNotFoundError
        The library was installed without the course.
    """
    folder = Path(matnn_lib.__file__).resolve().parent.parent
    if not (folder / "chapters").is_dir():
        raise FileNotFoundError(
            f"the course's notebooks are not beside its library ({folder} has no chapters/): get "
            "the whole course, and use the matnn that install.py puts into its .venv"
        )
    return folder


def notebooks(course: Path) -> list[Path]:
    """Return the course's notebooks: chapters, questions and solutions, each in reading order."""
    return [path for name in NOTEBOOK_FOLDERS for path in sorted((course / name).glob("*.ipynb"))]


def first_chapter(course: Path) -> Path:
    """Return the chapter to begin with, relative to `course`.

    Raises
    ------
    FileNotFoundError
        There is no chapter at all.
    """
    chapters = sorted((course / "chapters").glob("*.ipynb"))
    if not chapters:
        raise FileNotFoundError(f"the course in {course} has no chapter yet, so none can be opened")
    return chapters[0].relative_to(course)
