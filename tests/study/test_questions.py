"""Every question can be answered rightly, and every foreseen wrong answer gets its own hint."""

import json
from importlib import resources

import pytest

from matnn_lib.study import questions
from matnn_lib.study.questions import Question, exit_ticket, load_questions, recall

CHAPTERS = sorted(
    path.name.removesuffix(".toml")
    for path in resources.files("matnn_lib.study").joinpath("questions").iterdir()
    if path.name.endswith(".toml")
)
ALL = [
    pytest.param(chapter, part, number, id=f"{chapter}-{part}-{number + 1}")
    for chapter in CHAPTERS
    for part in ("recall", "exit")
    for number in range(len(load_questions(chapter, part)))
]


def ask(chapter, part, number, answer):
    """Answer one question of a chapter's part and leave the others open."""
    count = len(load_questions(chapter, part))
    given = [None] * count
    given[number] = answer if part == "recall" else (answer, 0.7)
    (recall if part == "recall" else exit_ticket)(chapter, given)


def test_a_number_with_a_point_may_be_the_key_of_a_hint(monkeypatch, tmp_path):
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "99.toml").write_text(
        '[[recall]]\ntext = "?"\nanswer = 1\nwhy = "!"\n'
        '[recall.hints]\n2.5 = "p"\n2.75 = "q"\n-3.5 = "r"\n"4e-3" = "s"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(questions.resources, "files", lambda package: tmp_path)
    (question,) = load_questions("99", "recall")
    assert question.hints == {"2.5": "p", "2.75": "q", "-3.5": "r", "4e-3": "s"}


def test_there_are_questions_before_and_after_the_first_chapter():
    assert "00" in CHAPTERS
    assert len(load_questions("00", "recall")) == 4
    assert len(load_questions("00", "exit")) == 3


@pytest.mark.parametrize(("chapter", "part", "number"), ALL)
def test_a_question_is_complete(chapter, part, number):
    question = load_questions(chapter, part)[number]
    texts = [question.text, question.why, question.otherwise, *question.options]
    texts += question.hints.values()
    assert all(isinstance(text, str) and text.strip() for text in texts)
    if question.options:
        letters = "abcdefgh"[: len(question.options)]
        assert question.answer in tuple(letters)
        # Each wrong option has its hint, and none but these.
        assert set(question.hints) == set(letters) - {question.answer}
        assert len(set(question.options)) == len(question.options)
    else:
        assert isinstance(question.answer, (int, float))
        assert question.hints
        assert all(float(wrong) != question.answer for wrong in question.hints)


@pytest.mark.parametrize(("chapter", "part", "number"), ALL)
def test_the_right_answer_is_accepted_with_the_reason(chapter, part, number, capsys):
    question = load_questions(chapter, part)[number]
    ask(chapter, part, number, question.answer)
    shown = capsys.readouterr().out
    assert f"→ right. {question.why}" in shown
    assert shown.count("→ not answered yet") == len(load_questions(chapter, part)) - 1


@pytest.mark.parametrize(("chapter", "part", "number"), ALL)
def test_each_foreseen_wrong_answer_gets_its_hint(chapter, part, number, capsys):
    question = load_questions(chapter, part)[number]
    for wrong, hint in question.hints.items():
        ask(chapter, part, number, wrong if question.options else float(wrong))
        shown = capsys.readouterr().out
        assert f"→ not right: {hint}\n" in shown


@pytest.mark.parametrize(("chapter", "part", "number"), ALL)
def test_another_wrong_answer_gets_the_general_hint(chapter, part, number, capsys):
    question = load_questions(chapter, part)[number]
    if not question.options:
        ask(chapter, part, number, 12345.678)
        assert f"→ not right: {question.otherwise}\n" in capsys.readouterr().out


@pytest.fixture
def two(monkeypatch):
    """A chapter of one number and one choice, in place of the course's own."""
    hints = {"12": "twelve", "-6.90776": "natural"}
    number = Question("How many?", 8, (), hints, "Count.", "Two times four.")
    choice = Question("Which?", "b", ("this", "that", "none"), {"a": "no"}, "Look.", "That.")
    monkeypatch.setattr(questions, "load_questions", lambda chapter, part: [number, choice])


@pytest.mark.parametrize("answer", [8, 8.0, 8.05, "8", " 8.0 "])
def test_a_number_is_right_within_one_percent_in_quotes_or_not(two, answer, capsys):
    recall("99", [answer, None])
    assert "→ right. Two times four." in capsys.readouterr().out


def test_a_number_with_more_digits_may_be_as_right(capsys):
    for answer in (0.6, 0.57, 0.575):
        recall("03", [None, None, None, answer])
    assert capsys.readouterr().out.count("→ right. 0.57 a layer") == 3


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (12, "not right: twelve"),
        (12.05, "not right: twelve"),
        ("12", "not right: twelve"),
        (-6.9, "not right: natural"),
        (9, "not right: Count."),
        (8.2, "not right: Count."),
        ("eight", "not understood: the answer is a number, but this is 'eight'"),
        (True, "not understood: the answer is a number, but this is True"),
        (float("nan"), "not understood: the answer is a number, but this is nan"),
        ([8], "not understood: the answer is a number, but this is [8]"),
    ],
)
def test_a_wrong_number_gets_the_hint_nearest_to_it(two, answer, reply, capsys):
    recall("99", [answer, None])
    assert f"→ {reply}\n" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["b", "B", " b ", "b)", "b.", "(b)", " (B). "])
def test_a_letter_is_right_however_it_is_written(two, answer, capsys):
    recall("99", [None, answer])
    assert "→ right. That." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ("a", "not right: no"),
        ("c", "not right: Look."),
        ("d", 'not understood: the answer is one of the letters "a" to "c", but this is \'d\''),
        ("ab", 'not understood: the answer is one of the letters "a" to "c", but this is \'ab\''),
        ("", 'not understood: the answer is one of the letters "a" to "c", but this is \'\''),
        (2, 'not understood: the answer is one of the letters "a" to "c", but this is 2'),
    ],
)
def test_a_wrong_letter_gets_its_hint_and_another_thing_a_word(two, answer, reply, capsys):
    recall("99", [None, answer])
    assert f"→ {reply}\n" in capsys.readouterr().out


def test_questions_are_shown_with_their_options(two, capsys):
    recall("99", [None, None])
    assert capsys.readouterr().out == (
        "1. How many?\n   → not answered yet\n"
        "2. Which?\n   a) this\n   b) that\n   c) none\n   → not answered yet\n"
    )


@pytest.mark.parametrize(
    ("answer", "comment"),
    [
        ((12, 0.9), "1: you were 90% sure. Read this part again: such errors last.\n"),
        (("eight", 0.8), "1: you were 80% sure. Read this part again: such errors last.\n"),
        ((8, 0.5), "1: right, though only 50% sure.\n"),
        ([8, 0.2], "1: right, though only 20% sure.\n"),
        ((8, 0.9), ""),
        ((12, 0.5), ""),
        (None, ""),
    ],
)
def test_an_exit_ticket_speaks_of_errors_believed_and_truths_doubted(two, answer, comment, capsys):
    exit_ticket("99", [answer, None])
    assert capsys.readouterr().out.rpartition("→ not answered yet\n")[2] == comment


def test_how_many_are_right_is_kept_in_a_learners_copy(two, tmp_path, monkeypatch):
    (tmp_path / ".matnn").mkdir()
    monkeypatch.chdir(tmp_path)
    recall("99", [8, "a"])
    exit_ticket("99", [(8, 1), ("b", 0)])
    kept = json.loads((tmp_path / ".matnn" / "reader.json").read_text())
    assert kept == {"recall 99": {"right": 1}, "exit 99": {"right": 2}}


@pytest.mark.parametrize(
    ("answer", "shown"),
    [("b", "'b'"), (("b",), "('b',)"), ((8, 80), "(8, 80)"), ((8, "x"), "(8, 'x')"), (3, "3")],
)
def test_an_answer_without_a_confidence_is_told_what_a_pair_looks_like(two, answer, shown, capsys):
    exit_ticket("99", [answer, answer])
    replies = [line for line in capsys.readouterr().out.splitlines() if "→" in line]
    asked = "   → not understood: write the answer and how sure you are, from 0 to 1, such as "
    assert replies == [
        f"{asked}(8, 0.9), but this is {shown}",
        f'{asked}("b", 0.9), but this is {shown}',
    ]


@pytest.mark.parametrize("ask", [recall, exit_ticket])
@pytest.mark.parametrize(
    ("answers", "this"),
    [
        ([8], "yours has 1"),
        ([], "yours has 0"),
        (("b", 0.9, "b", 0.9), "yours has 4"),
        ("ab", "this is no list"),
        (None, "this is no list"),
        (3, "this is no list"),
    ],
)
def test_a_list_of_another_length_gets_one_sentence(two, ask, answers, this, capsys):
    ask("99", answers)
    example = "8" if ask is recall else '("b", 0.9)'
    assert capsys.readouterr().out == (
        f"Here are 2 questions, so the list needs 2 entries, but {this}: "
        f"write an answer such as {example} for each, or None where you have none yet.\n"
    )


@pytest.mark.parametrize("chapter", ["0", "../data/00", 0])
def test_a_chapter_without_questions_is_refused(chapter):
    with pytest.raises(ValueError, match="chapter must be one with questions"):
        recall(chapter, [])
