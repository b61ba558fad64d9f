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
    TypeError, ValueError
        `chapter` has no questions, or `answers` is no list with one entry for each of them. (A
        wrong answer is none of these: it gets its hint.)
    """
    questions = load_questions(chapter, "recall")
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
    TypeError, ValueError
        As `recall`; or an entry is neither None nor such a pair.
    """
    questions = load_questions(chapter, "exit")
    _check_answers(questions, answers)
    given: list[object] = []
    sure: list[float | None] = []
    for i, item in enumerate(answers):
        if item is None:
            given.append(None)
            sure.append(None)
        elif isinstance(item, (tuple, list)) and len(item) == 2:
            given.append(item[0])
            sure.append(
                as_number(f"the confidence of answer {i + 1}", item[1], minimum=0, maximum=1)
            )
        else:
            raise TypeError(
                f"answer {i + 1} must be None or a pair (answer, confidence), "
                f"but it is {item!r:.60}"
            )
    _ask(questions, given)
    for i, (question, answer, confidence) in enumerate(zip(questions, given, sure, strict=True)):
        if confidence is None:
            continue
        right = _is_right(question, answer)
        if confidence >= 0.8 and not right:
            print(
                f"{i + 1}: you were {confidence:.0%} sure. Read this part again: such errors last."
            )
        if confidence <= 0.5 and right:
            print(f"{i + 1}: right, though only {confidence:.0%} sure.")
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


def _check_answers(questions: Sequence[Question], answers: Sequence[object]) -> None:
    if isinstance(answers, str) or not isinstance(answers, Sequence):
        raise TypeError(f"answers must be a list, but it is of type {type(answers).__name__}")
    if len(answers) != len(questions):
        raise ValueError(
            f"answers must hold one entry for each of the {len(questions)} questions, "
            f"but it holds {len(answers)}"
        )


def _ask(questions: Sequence[Question], answers: Sequence[object]) -> None:
    _check_answers(questions, answers)
    for i, (question, answer) in enumerate(zip(questions, answers, strict=True), start=1):
        print(f"{i}. {question.text}")
        for letter, option in zip(_LETTERS, question.options, strict=False):
            print(f"   {letter}) {option}")
        print(f"   → {_reply(question, answer)}")


def _reply(question: Question, answer: object) -> str:
    if answer is None:
        return "not answered yet"
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
    letter = answer.strip().rstrip(").").lower()
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
