"""What ``matnn claims`` prints: for people, for programs, and when something is wrong."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from matnn_lib.cli import main
from matnn_lib.study.claims import ledger, report
from matnn_lib.study.claims.rule import Evidence

VERDICTS = ("holds", "holds if", "does not hold")


def run(*arguments):
    return CliRunner().invoke(main, ["claims", *arguments])


@pytest.fixture
def quick(monkeypatch):
    """Claims whose experiments take no time: C01 says what it is told by start and depth."""
    measured = []

    def experiment(rng, size, *, start=None, layers=None):
        measured.append((None if start is None else start.name, layers))
        if layers == 7:
            raise ValueError("seven can't be measured")
        fall = 0.0 if start is not None and start.name == "critical" else 2.4
        control = 2.0 if layers == 60 else float(rng.random()) / 10
        quantities = {
            "dead: fall per ten layers": (fall,) * 5,
            "mild: fall per ten layers": (fall,) * 5,
            "critical: fall per ten layers": (control,) * 5,
        }
        return Evidence("C01", size, quantities, {"layers": layers})

    monkeypatch.setattr(ledger, "_EXPERIMENTS", {"C01": experiment})
    return measured


def test_the_published_verdicts_are_printed_with_condition_numbers_and_date():
    result = run()
    assert result.exit_code == 0
    assert result.stderr == ""
    for id, record in ledger.stored().items():
        about = ledger.claim(id)
        head = f"{id}  {record.verdict.upper()}  (§{about.section}, full)\n"
        assert head in result.output
        paragraph = result.output.partition(head)[2].partition("\n\n")[0]
        flat = " ".join(paragraph.replace("near- critical", "near-critical").split())
        assert about.text in flat
        assert f"Condition, or what is true instead: {about.condition[:30]}" in flat
        assert f"measured on {record.date}" in paragraph
        for name, values in record.evidence.quantities.items():
            assert f"- {name}: {np.median(values):.3g}" in paragraph
    assert "matnn claims --measure C01 (or all)" in result.output
    assert max(map(len, result.output.splitlines())) <= 100


def test_the_published_verdicts_are_data_for_programs():
    result = run("--json")
    data = strict(result.output)
    assert [entry["claim"] for entry in data] == list(ledger.stored())
    for entry in data:
        assert entry["verdict"] in VERDICTS
        assert entry["size"] == "full"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", entry["date"])
        assert {"numpy", "scipy", "python", "quantities", "settings", "text"} <= entry.keys()


def strict(text):
    """Return JSON without NaN and Infinity, which only Python writes."""

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_a_claim_is_measured_here_and_now(quick):
    result = run("--measure", "c01")
    assert result.exit_code == 0
    assert result.output.startswith("C01  HOLDS IF  (§1, quick)\n")
    assert "  - dead: fall per ten layers: 2.4\n" in result.output
    assert quick == [(None, None)]


def test_a_claim_is_measured_at_full_size_and_with_each_seed(quick):
    result = run("--measure", "C01", "--size", "full", "--seed", "1", "--seed", "2")
    assert result.output.count("C01  HOLDS IF  (§1, full)") == 2
    values = re.findall(r"critical: fall per ten layers: (\S+)", result.output)
    expected = [f"{np.random.default_rng(seed).random() / 10:.3g}" for seed in (1, 2)]
    assert values == expected


def test_claims_that_are_named_are_shown_alone():
    shown = run("c06", "C13").output
    assert re.findall(r"^C\d\d", shown, flags=re.MULTILINE) == ["C06", "C13"]


def test_a_quick_measurement_says_that_its_numbers_are_other_ones(quick):
    assert "Size quick: smaller nets" in run("--measure", "C01").output


def test_a_measurement_is_data_for_programs(quick):
    (entry,) = strict(run("--measure", "all", "--json").output)
    assert (entry["claim"], entry["verdict"], entry["size"]) == ("C01", "holds if", "quick")
    assert entry["quantities"]["dead: fall per ten layers"] == [2.4] * 5
    assert "date" not in entry


def test_one_real_claim_is_measured_through_the_command():
    result = run("--measure", "C13")
    assert result.exit_code == 0
    assert "C13  DOES NOT HOLD  (§4, quick)" in result.output
    assert "- the published program runs to its end: 0\n" in result.output


def test_break_it_tries_cases_and_marks_those_that_flip(quick):
    result = run("--break-it", "C01", "--start", "critical", "--start", "dead", "--depth", "30")
    assert result.output.splitlines() == [
        "FLIPS  start critical, layers 30, seed 0: does not hold",
        "FLIPS  start critical, layers 30, seed 1: does not hold",
        "       start dead, layers 30, seed 0: holds if",
        "       start dead, layers 30, seed 1: holds if",
        "The verdict on C01, by its own experiment: holds if.",
        "2 of the 4 cases here, taken alone, would give another.",
    ]


def test_break_it_has_cases_of_its_own(quick):
    result = run("--break-it", "c01", "--seed", "5")
    lines = result.output.splitlines()
    assert len(lines) == 3 * 3 + 2
    assert "FLIPS  start dead, layers 60, seed 5: holds" in lines
    assert lines[-1] == "5 of the 9 cases here, taken alone, would give another."


def test_break_it_says_when_nothing_flips(quick):
    result = run("--break-it", "C01", "--start", "dead", "--depth", "10", "--seed", "0")
    last = result.output.splitlines()[-1]
    assert last == "None of the 1 cases here would give another."


def test_break_it_goes_on_after_a_case_that_cannot_be_measured(quick):
    result = run("--break-it", "C01", "--start", "dead", "--depth", "7", "--depth", "10")
    assert result.exit_code == 0
    assert "layers 7, seed 0: can't be measured: seven can't be measured" in result.output
    assert "layers 10, seed 0: holds if" in result.output
    assert "FLIPS" not in result.output


def test_break_it_is_data_for_programs(quick):
    (found,) = strict(
        run("--break-it", "C01", "--start", "critical", "--seed", "0", "--json").output
    )
    assert (found["claim"], found["usual"]) == ("C01", "holds if")
    assert found["cases"][0] == {
        "start": "critical",
        "layers": 10,
        "seed": 0,
        "outcome": "does not hold",
        "flips": True,
    }


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--measure", "C99"], 1, r"the claim must be one of C01.*, but it is 'C99'"),
        (["--break-it", "C99"], 1, r"the claim must be one of C01.*, but it is 'C99'"),
        (["--measure", "C13", "--seed", "-1"], 1, "seed must be at least 0, but it is -1"),
        (["--break-it", "C01", "--start", "lively"], 1, "start must be one of dead, mild, "),
        (["--break-it", "C01", "--rate", "1"], 1, "C01 can vary start, layers, seed, but not rate"),
        (
            ["--break-it", "C01", *(f"--depth={depth}" for depth in range(2, 13))],
            1,
            "at most 60 cases can be tried at once, but these are 66",
        ),
        (["--measure", "C01", "--break-it", "C01"], 2, "one of these at a time"),
        (["C01", "--measure", "C01"], 2, "one of these at a time"),
        (["C99"], 1, r"the claim must be one of C01.*, but it is 'C99'"),
        (["--depth", "10"], 2, "go with --break-it"),
        (["--seed", "3"], 2, "--seed goes with --measure or --break-it"),
        (["--measure", "C01", "--start", "dead"], 2, "go with --break-it"),
        (["--measure", "C01", "--size", "huge"], 2, "'huge' is not one of"),
        (["--measure"], 2, "requires an argument"),
        (["--seed", "x", "--measure", "C01"], 2, "'x' is not a valid integer"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(arguments, code, message):
    result = run(*arguments)
    assert result.exit_code == code
    assert result.stdout == ""
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert re.search(message, error)
    assert "Traceback" not in result.stderr


def test_too_many_cases_are_refused_before_any_is_measured(quick):
    result = run("--break-it", "C01", *(f"--seed={seed}" for seed in range(7)))
    assert result.exit_code == 1
    assert quick == []


def test_numbers_that_json_lacks_are_written_as_words():
    text = report._json({"a": [np.inf, -np.inf], "b": (np.nan, 1.5), "c": None})
    assert strict(text) == {"a": ["Infinity", "-Infinity"], "b": ["NaN", 1.5], "c": None}
    assert [float(word) for word in ("Infinity", "-Infinity")] == [np.inf, -np.inf]


def test_a_rescue_is_named_where_accuracy_is_shown():
    quantities = {
        "dead: fall per ten layers": (2.4,),
        "mild: fall per ten layers": (1.0,),
        "critical: fall per ten layers": (0.0, 0.1, 0.3),
        "dead: accuracy": (0.1, 0.1),
        "mild: accuracy": (0.4, 0.9),
    }
    text = report.paragraph(Evidence("C01", "quick", quantities, {}))
    assert "  - critical: fall per ten layers: 0.1 (0 to 0.3)\n" in text
    assert "  - dead: accuracy: 0.1\n" in text
    assert text.endswith("  - mild: accuracy: 0.65 (0.4 to 0.9), a rescue")
