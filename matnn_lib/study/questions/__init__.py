"""Recall questions and exit tickets: the texts are data, one file a chapter, beside this module."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from matnn_lib._validation import as_number
from matnn_lib.study.memory import remember

_LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Question:
    """A question with a checkable answer; `hints` maps wrong answers to what they deserve.

    The answer is the letter of one of the `options`, or a number where there are none; `also`
    are numbers that are as right, such as the answer with more digits.
    """

    text: str
    answer: float | str
    options: tuple[str, ...]
    hints: Mapping[str, str]
    otherwise: str
    why: str
    also: tuple[float, ...] = ()


def recall(chapter: str, answers: Sequence[object]) -> None:
    """Ask a chapter's recall questions and check the answers.

    Parameters
    ----------
    chapter : str
        Such as ``"00"``.
    answers : sequence
        One for each question: a number, or the letter of an option; None where not answered yet.

    Raises
    ------
    ValueError
        `chapter` has no questions. (What the reader writes raises nothing: a wrong answer gets
        its hint, and what is no answer a sentence that says what one looks like.)
    """
    questions = load_questions(chapter, "recall")
    if not _are_as_many(questions, answers, example="8"):
        return
    _ask(questions, answers)
    remember(f"recall {chapter}", {"right": _right(questions, answers)})


def exit_ticket(chapter: str, answers: Sequence[object]) -> None:
    """Ask a chapter's closing questions, each answered with how sure the reader is.

    Parameters
    ----------
    chapter : str
        Such as ``"00"``.
    answers : sequence
        One for each question: None, or a pair (answer, confidence between 0 and 1).

    Raises
    ------
    ValueError
        As `recall`.
    """
    questions = load_questions(chapter, "exit")
    if not _are_as_many(questions, answers, example='("b", 0.9)'):
        return
    pairs = [_as_pair(item) for item in answers]
    given = [answer for answer, _ in pairs]
    _ask(questions, given)
    for i, (question, (answer, sure)) in enumerate(zip(questions, pairs, strict=True), start=1):
        if sure is None:
            continue
        right = _is_right(question, answer)
        if sure >= 0.8 and not right:
            print(f"{i}: you were {sure:.0%} sure. Read this part again: such errors last.")
        if sure <= 0.5 and right:
            print(f"{i}: right, though only {sure:.0%} sure.")
    remember(f"exit {chapter}", {"right": _right(questions, given)})


def load_questions(chapter: str, part: str) -> list[Question]:
    """Return the questions of a chapter's part, ``"recall"`` or ``"exit"``."""
    file = resources.files("matnn_lib.study").joinpath("questions", f"{chapter}.toml")
    if not file.is_file():
        raise ValueError(f"chapter must be one with questions, such as '00', but it is {chapter!r}")
    entries = tomllib.loads(file.read_text(encoding="utf-8")).get(part, [])
    return [
        Question(
            text=entry["text"],
            answer=entry["answer"],
            options=tuple(entry.get("options", ())),
            hints=dict(_hints(entry.get("hints", {}))),
            otherwise=entry.get("otherwise", "Not so."),
            why=entry["why"],
            also=tuple(entry.get("also", ())),
        )
        for entry in entries
    ]


def _hints(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield wrong answers and hints; TOML reads the key 2.5 as a table 2 with an entry 5."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _hints(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


@dataclass(frozen=True)
class _NoPair:
    """What stands where a pair of an answer and a confidence is asked for."""

    given: object


def _as_pair(item: object) -> tuple[object, float | None]:
    """Return the answer and the confidence; what is no such pair stands in the answer's place."""
    if item is None:
        return None, None
    if isinstance(item, (tuple, list)) and len(item) == 2:
        try:
            return item[0], as_number("confidence", item[1], minimum=0, maximum=1)
        except (TypeError, ValueError):
            pass
    return _NoPair(item), None


def _are_as_many(questions: Sequence[Question], answers: object, example: str) -> bool:
    """Return whether `answers` is a list with one entry a question; if not, say what to write."""
    this = "this is no list"
    if isinstance(answers, Sequence) and not isinstance(answers, str):
        if len(answers) == len(questions):
            return True
        this = f"yours has {len(answers)}"
    print(
        f"Here are {len(questions)} questions, so the list needs {len(questions)} entries, but "
        f"{this}: write an answer such as {example} for each, or None where you have none yet."
    )
    return False


def _ask(questions: Sequence[Question], answers: Sequence[object]) -> None:
    for i, (question, answer) in enumerate(zip(questions, answers, strict=True), start=1):
        print(f"{i}. {question.text}")
        for letter, option in zip(_LETTERS, question.options, strict=False):
            print(f"   {letter}) {option}")
        print(f"   → {_reply(question, answer)}")


def _reply(question: Question, answer: object) -> str:
    if answer is None:
        return "not answered yet"
    if isinstance(answer, _NoPair):
        pair = '("b", 0.9)' if question.options else "(8, 0.9)"
        return (
            "not understood: write the answer and how sure you are, from 0 to 1, such as "
            f"{pair}, but this is {answer.given!r:.60}"
        )
    if _is_right(question, answer):
        return f"right. {question.why}"
    given = _as_letter(question, answer) if question.options else _as_number(answer)
    if given is None:
        last = _LETTERS[len(question.options) - 1]
        kind = f'one of the letters "a" to "{last}"' if question.options else "a number"
        return f"not understood: the answer is {kind}, but this is {answer!r:.60}"
    return f"not right: {_hint(question, given)}"


def _is_right(question: Question, answer: object) -> bool:
    if isinstance(question.answer, str):
        return _as_letter(question, answer) == question.answer
    given = _as_number(answer)
    return given is not None and any(_agree(given, x) for x in (question.answer, *question.also))


def _hint(question: Question, given: float | str) -> str:
    for wrong, hint in question.hints.items():
        if wrong == given if isinstance(given, str) else _agree(given, float(wrong)):
            return hint
    return question.otherwise


def _as_letter(question: Question, answer: object) -> str | None:
    if not isinstance(answer, str):
        return None
    letter = answer.strip(" ().").lower()
    return letter if letter in tuple(_LETTERS[: len(question.options)]) else None


def _as_number(answer: object) -> float | None:
    """Return the answer as a number, also where the reader put it in quotes."""
    try:
        return as_number("answer", float(answer) if isinstance(answer, str) else answer)
    except (TypeError, ValueError):
        return None


def _agree(given: float, expected: float) -> bool:
    return math.isclose(given, expected, rel_tol=1e-2, abs_tol=1e-12)


def _right(questions: Sequence[Question], answers: Sequence[object]) -> int:
    return sum(_is_right(q, a) for q, a in zip(questions, answers, strict=True))
