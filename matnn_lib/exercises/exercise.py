"""What an exercise is: its cases, what is right, and the mistakes that learners really make.

The numbers and functions of an exercise stand in ``chNN.py``, the words that a learner reads
(title, hints, options, rubric) in ``chNN.toml`` beside it, so that they can be translated;
`matnn_lib.exercises.load` brings the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Kind = Literal["function", "value", "choice", "text"]
Level = Literal["warm-up", "core", "stretch"]
Arguments = tuple[Any, ...]


def _no_arguments(rng: np.random.Generator) -> Arguments:
    return ()


@dataclass(frozen=True)
class Case:
    """One named input on which an answer is judged.

    Attributes
    ----------
    name
        What is special about the input, in words that a learner understands.
    make
        ``make(rng)`` returns the tuple of arguments. Sizes and scales should vary with `rng`.
    points
        What passing is worth.
    edge
        An edge case (zero, rank one, one row): it carries its points only once a case that is
        not an edge case passes, since a trivial answer may be right there by accident.
    """

    name: str
    make: Callable[[np.random.Generator], Arguments] = _no_arguments
    points: int = 1
    edge: bool = False


@dataclass(frozen=True)
class Mistake:
    """A wrong way that learners really take: ``wrong(*args)`` gives the answer it leads to."""

    name: str
    wrong: Callable[..., Any]
    hint: str = ""


@dataclass(frozen=True)
class Option:
    """One option of a choice; `hint` is what a learner who chose it should hear."""

    key: str
    text: str
    hint: str


@dataclass(frozen=True)
class Exercise:
    """One exercise, for the learner, the grader, the worked solution and the tests alike.

    Attributes
    ----------
    id
        Chapter and number, such as ``"04.2"``.
    level, minutes
        ``"warm-up"``, ``"core"`` or ``"stretch"``, and the time it should take.
    kind
        What the learner gives: a ``"function"``, a ``"value"`` (number, array or tuple of these),
        a ``"choice"`` (the letter of an option) or a ``"text"`` (marked by a person).
    answer
        The name that the learner defines.
    cases
        At least one. A value, a choice and a text have exactly one; for a value its arguments are
        the numbers given in the question (`matnn_lib.exercises.given`).
    oracle
        ``oracle(*args)`` returns the right answer by another way than the worked solution.
    verify
        ``verify(args, answer)`` returns True, False or a sentence that says what is wrong; for
        answers that are not unique. With an `oracle` beside it, that shows one right answer.
    oracle_name
        What the oracle is: the dotted name of a function (``"scipy.linalg.svdvals"``), or
        ``"property: …"`` or ``"closed form: …"`` and a few words.
    mistakes
        Wrong answers that are recognised, each with its own hint.
    rtol, atol
        An entry is right within ``rtol * max|expected| + atol``; an integer must be exact.
    right
        Of a choice: the key of the right option.
    trains
        Its check trains a net: it may take 0.5 s instead of 0.05 s.
    title, options, rubric
        From the TOML file.
    """

    id: str
    level: Level
    minutes: int
    kind: Kind
    answer: str
    cases: tuple[Case, ...]
    oracle_name: str = ""
    oracle: Callable[..., Any] | None = None
    verify: Callable[[Arguments, Any], bool | str] | None = None
    mistakes: tuple[Mistake, ...] = ()
    rtol: float = 1e-6
    atol: float = 1e-12
    right: str = ""
    trains: bool = False
    title: str = ""
    options: tuple[Option, ...] = ()
    rubric: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d\d\.\d+", self.id):
            raise ValueError(f'id must be like "04.2", but it is {self.id!r}')
        if not self.answer.isidentifier():
            raise ValueError(f"{self.id}: answer must be a name, but it is {self.answer!r}")
        if self.kind in ("function", "value"):
            if self.oracle is None and self.verify is None:
                raise ValueError(f"{self.id}: an oracle or a verify must say what is right")
            if not self.oracle_name:
                raise ValueError(f"{self.id}: oracle_name must say what the oracle is")
            if all(case.edge for case in self.cases):
                raise ValueError(f"{self.id}: at least one case must not be an edge case")
        if self.kind != "function" and len(self.cases) != 1:
            raise ValueError(f"{self.id}: a {self.kind} has one case, not {len(self.cases)}")
        if self.kind == "choice" and not self.right:
            raise ValueError(f"{self.id}: right must name the right option")

    @property
    def chapter(self) -> int:
        """The chapter it belongs to."""
        return int(self.id[:2])

    @property
    def number(self) -> int:
        """Its number within the chapter."""
        return int(self.id[3:])

    @property
    def points(self) -> int:
        """What the whole exercise is worth: the sum over its cases."""
        return sum(case.points for case in self.cases)

    def arguments(self, seed: Sequence[int]) -> list[Arguments]:
        """Return the arguments of every case; the same seed gives the same numbers."""
        return [case.make(np.random.default_rng([*seed, k])) for k, case in enumerate(self.cases)]

    def public_seed(self, variant: int = 0) -> tuple[int, int, int]:
        """Return the seed of self-study, or of a class that was given its own variant."""
        return (variant, self.chapter, self.number)

    def lettered(self, variant: int = 0) -> dict[str, Option]:
        """Return the options by the letter they have in this variant; 0 is the file's order."""
        order = np.arange(len(self.options))
        if variant:
            order = np.random.default_rng(self.public_seed(variant)).permutation(order)
        return {"abcdefgh"[i]: self.options[j] for i, j in enumerate(order)}
