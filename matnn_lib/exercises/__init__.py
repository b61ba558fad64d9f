"""What a right answer is, and what each typical wrong answer deserves to hear."""

from matnn_lib.exercises.exercise import Case, Exercise, Mistake
from matnn_lib.exercises.registry import all_exercises, chapter, chapters, load
from matnn_lib.exercises.selfcheck import check, given, options

__all__ = [
    "Case",
    "Exercise",
    "Mistake",
    "all_exercises",
    "chapter",
    "chapters",
    "check",
    "given",
    "load",
    "options",
]
