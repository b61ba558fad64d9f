"""What a reader is told about a prediction, in plain words, and what is kept of it."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.study import reader
from matnn_lib.study.reader import confront, predict


@pytest.fixture(autouse=True)
def nothing_predicted(monkeypatch):
    monkeypatch.setattr(reader, "_predictions", {})


def told(capsys, guess, measured, what="Gain"):
    predict("00.a", guess)
    capsys.readouterr()
    confront("00.a", measured, what)
    return capsys.readouterr().out


def test_a_prediction_is_shown_and_returned(capsys):
    assert predict("00.a", 0.01) == 0.01
    assert capsys.readouterr().out == (
        "Your prediction (00.a): 0.01. Change the number and run the cell again,\n"
        "until it is what you would bet on.\n"
    )


@pytest.mark.parametrize(
    ("guess", "measured", "distance"),
    [
        (0.01, 1e-12, "That is 10.0 orders of magnitude apart."),
        (1e-12, 0.01, "That is 10.0 orders of magnitude apart."),
        (0.8, 0.07, "That is 1.1 orders of magnitude apart."),
        (0.3, 0.9, "That is a factor of 3 apart."),
        (0.9, 0.3, "That is a factor of 3 apart."),
        (0.7, 0.95, "That is a factor of 1.4 apart."),
        (1.0, 1.04, "That is within 5 %."),
        (5, 5.0, "Exactly."),
        (0, 0, "Exactly."),
        (-3, -12, "That is 9 apart."),
        (0, 0.25, "That is 0.25 apart."),
        (1e308, 1e-308, "That is 616.0 orders of magnitude apart."),
        (1e-308, 1e308, "That is 616.0 orders of magnitude apart."),
    ],
)
def test_a_guess_is_shown_beside_the_measurement_with_the_distance_of_its_kind(
    guess, measured, distance, capsys
):
    first, second = told(capsys, guess, measured).splitlines()
    assert first == f"Gain: you predicted {guess:.3g}, measured {measured:.3g}."
    assert second == distance


@settings(deadline=None, max_examples=50, derandomize=True)
@given(
    guess=st.floats(min_value=1e-300, max_value=1e300),
    measured=st.floats(min_value=1e-300, max_value=1e300),
)
def test_the_distance_of_positive_numbers_is_their_ratio_in_either_order(guess, measured):
    words = reader._distance(guess, measured)
    assert words == reader._distance(measured, guess)
    decades = abs(math.log10(guess) - math.log10(measured))
    if "orders" in words:
        assert decades >= 1
        assert float(words.split()[2]) == pytest.approx(decades, abs=0.051)
    elif "factor" in words:
        assert float(words.split()[5]) == pytest.approx(10**decades, rel=0.06)
    else:
        assert decades < math.log10(1.0501)


def test_without_words_the_id_names_what_was_measured(capsys):
    assert told(capsys, 1, 2, "").startswith("00.a: you predicted 1, measured 2.")


def test_the_last_prediction_counts(capsys):
    predict("00.a", 1)
    assert "you predicted 2," in told(capsys, 2, 5)


def test_numpy_numbers_are_numbers(capsys):
    assert type(predict("00.a", np.float32(0.5))) is float
    capsys.readouterr()
    confront("00.a", np.float64(0.25))
    assert "a factor of 2" in capsys.readouterr().out


def test_a_prediction_is_kept_in_a_learners_copy(tmp_path, monkeypatch):
    (tmp_path / ".matnn").mkdir()
    monkeypatch.chdir(tmp_path)
    predict("00.a", 0.01)
    predict("00.b", 3)
    kept = json.loads((tmp_path / ".matnn" / "reader.json").read_text())
    assert kept == {"predictions": {"00.a": 0.01, "00.b": 3.0}}


def test_a_record_that_cannot_be_written_does_not_stop_a_prediction(tmp_path, monkeypatch, capsys):
    (tmp_path / ".matnn" / "reader.json").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert predict("00.a", 0.01) == 0.01
    assert "Your prediction (00.a): 0.01." in capsys.readouterr().out


def test_a_measurement_without_a_prediction_stays_hidden_and_says_which_cell_to_run(capsys):
    confront("00.z", 1.5, "Gain")
    said = capsys.readouterr().out
    assert said == "Gain: nothing is predicted yet. Run the cell with predict('00.z', …) first.\n"


@pytest.mark.parametrize(
    ("guess", "measured", "distance"),
    [
        (0.7, 0.95, "That is 25 percentage points apart."),
        (0.95, 0.7, "That is 25 percentage points apart."),
        (0.94, 0.95, "That is 1 percentage point apart."),
        (0.5, 0.504, "That is 0.4 percentage points apart."),
        (0.1, 0.942, "That is 84.2 percentage points apart."),
        (0.5, 4e-12, "That is 11.1 orders of magnitude apart."),
        (0.0, 0.25, "That is 0.25 apart."),
        (1, 1.0, "Exactly."),
    ],
)
def test_shares_are_percentage_points_apart_unless_one_is_tiny(guess, measured, distance, capsys):
    predict("00.c", guess, share=True)
    confront("00.c", measured)
    assert capsys.readouterr().out.splitlines()[-1] == distance


@pytest.mark.parametrize(
    ("guess", "measured", "distance"),
    [
        (0.5, 0.02, "That is 0.48 apart."),
        (6, 12.1, "That is 6.1 apart."),
        (0.5, -1, "That is 1.5 apart."),
        (0.02, 0.02, "Exactly."),
    ],
)
def test_cosines_and_logarithms_are_told_their_difference(guess, measured, distance, capsys):
    predict("00.c", guess, difference=True)
    confront("00.c", measured)
    assert capsys.readouterr().out.splitlines()[-1] == distance


@pytest.mark.parametrize(
    ("guess", "share", "wanted"),
    [
        (85, True, "write the share as a number between 0 and 1, such as 0.85 for 85 %"),
        ("42 %", True, "write the share as a number between 0 and 1, such as 0.42 for 42 %"),
        (-0.5, True, "write the share as a number between 0 and 1, such as 0.85 for 85 %"),
        ("much", True, "write the share as a number between 0 and 1, such as 0.85 for 85 %"),
        ("much", False, "write a number, such as 0.5 or 1e-3"),
        (None, False, "write a number, such as 0.5 or 1e-3"),
        (..., False, "write a number, such as 0.5 or 1e-3"),
        (math.nan, False, "write a number, such as 0.5 or 1e-3"),
        ([1, 2], False, "write a number, such as 0.5 or 1e-3"),
    ],
)
def test_what_is_no_guess_is_told_what_one_looks_like(guess, share, wanted, capsys):
    predict("00.a", 0.5)  # an earlier guess must not stand in for the one that was meant
    capsys.readouterr()
    assert math.isnan(predict("00.a", guess, share=share))
    assert capsys.readouterr().out == (
        f"Not understood (00.a): {wanted}, but this is {guess!r}.\n"
        "Change it and run the cell again.\n"
    )
    confront("00.a", 1.0)
    assert "nothing is predicted yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: predict("", 1), TypeError, "id must be a name such as '00.a'"),
        (lambda: predict(0.5, 1), TypeError, "id must be a name such as '00.a', but it is 0.5"),
        (lambda: confront(["00.a"], 1), TypeError, "id must be a name such as '00.a'"),
    ],
)
def test_bad_predictions_are_refused_by_name(call, error, message):
    with pytest.raises(error, match=message.replace(".", r"\.")):
        call()


def test_a_measurement_that_is_no_number_is_refused():
    predict("00.a", 1)
    with pytest.raises(ValueError, match="measured must be finite, but it is inf"):
        confront("00.a", math.inf)
