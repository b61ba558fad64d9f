"""The reader's own part in a chapter: predictions, recall questions, the exit ticket.

Everything is plain text, so that it reads the same in JupyterLab, in a terminal and aloud.
Without a reader (in the committed chapters, in tests) the defaults in the cells are used.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from matnn_lib._validation import as_number
from matnn_lib.study.memory import remember
from matnn_lib.study.questions import exit_ticket, recall

__all__ = ["confront", "exit_ticket", "predict", "recall"]

_predictions: dict[str, _Guess] = {}


class _Guess(NamedTuple):
    value: float
    share: bool
    difference: bool


def predict(id: str, default: object, *, share: bool = False, difference: bool = False) -> float:
    """Keep the reader's guess before the measurement is shown.

    The reader writes a number of their own in place of the second argument and runs the cell.
    What is no number gets a sentence that says so, and counts as no prediction.

    Parameters
    ----------
    id : str
        The experiment's, such as ``"00.a"``.
    default : float
        The guess.
    share : bool
        Whether it is a share of something, such as an accuracy: between 0 and 1.
    difference : bool
        Whether its distance is a difference and not a ratio, as between cosines or logarithms.

    Returns
    -------
    float
        The guess, for use in the chapter's code; NaN where there is none.

    Raises
    ------
    TypeError
        If `id` is not a name.
    """
    _check_id(id)
    _predictions.pop(id, None)
    try:
        guess = as_number("the prediction", default)
        understood = not share or 0 <= guess <= 1
    except (TypeError, ValueError):
        understood = False
    if not understood:
        print(f"Not understood ({id}): {_wanted(default, share)}, but this is {default!r:.60}.")
        print("Change it and run the cell again.")
        return math.nan
    _predictions[id] = _Guess(guess, share, difference)
    remember("predictions", {id: guess})
    print(f"Your prediction ({id}): {_number(guess)}. Change the number and run the cell again,")
    print("until it is what you would bet on.")
    return guess


def confront(id: str, measured: float, what: str = "") -> None:
    """Show the reader's guess beside what was measured, and how far apart they are.

    Where nothing was predicted, the measurement stays hidden and the reader hears which cell to
    run: a bet is none once the result is known.

    Parameters
    ----------
    id : str
        The one that `predict` was given.
    measured : float
        In the same unit as the guess.
    what : str
        What was measured, in words.

    Raises
    ------
    TypeError, ValueError
        If `id` is not a name, or `measured` not a finite number.
    """
    _check_id(id)
    measured = as_number("measured", measured)
    if id not in _predictions:
        print(
            f"{what or id}: nothing is predicted yet. Run the cell with predict({id!r}, …) first."
        )
        return
    guess = _predictions[id]
    print(f"{what or id}: you predicted {_number(guess.value)}, measured {_number(measured)}.")
    print(_distance(guess.value, measured, guess.share, guess.difference))


def _check_id(id: object) -> None:
    if not isinstance(id, str) or not id:
        raise TypeError(f"id must be a name such as '00.a', but it is {id!r:.60}")


def _number(value: float) -> str:
    return f"{value:.3g}"


def _wanted(given: object, share: bool) -> str:
    if not share:
        return "write a number, such as 0.5 or 1e-3"
    try:
        percent = float(str(given).strip().rstrip("% "))
    except ValueError:
        percent = math.nan
    such = percent if 1 < percent <= 100 else 85
    return f"write the share as a number between 0 and 1, such as {such / 100:g} for {such:g} %"


def _distance(guess: float, measured: float, share: bool = False, difference: bool = False) -> str:
    if guess == measured:
        return "Exactly."
    # Below a hundredth what matters is how many zeros a share has.
    if share and min(guess, measured) >= 0.01:
        points = round(100 * abs(guess - measured), 1)
        return f"That is {points:g} percentage point{'s' * (points != 1)} apart."
    if guess > 0 and measured > 0 and not difference:
        decades = abs(math.log10(guess) - math.log10(measured))
        if decades >= 1:
            return f"That is {decades:.1f} orders of magnitude apart."
        factor = 10**decades
        if factor < 1.05:
            return "That is within 5 %."
        return f"That is a factor of {factor:.2g} apart."
    return f"That is {abs(guess - measured):.3g} apart."
