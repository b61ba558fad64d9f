"""The reader's own part in a chapter: predictions, recall questions, the exit ticket.

Everything is plain text, so that it reads the same in JupyterLab, in a terminal and aloud.
Without a reader (in the committed chapters, in tests) the defaults in the cells are used.
"""

from __future__ import annotations

import math

from matnn_lib._validation import as_number
from matnn_lib.study.memory import remember
from matnn_lib.study.questions import exit_ticket, recall

__all__ = ["confront", "exit_ticket", "predict", "recall"]

_predictions: dict[str, float] = {}


def predict(id: str, default: float) -> float:
    """Keep the reader's guess before the measurement is shown.

    The reader writes a number of their own in place of the second argument and runs the cell.

    Parameters
    ----------
    id : str
        The experiment's, such as ``"00.a"``.
    default : float
        The guess.

    Returns
    -------
    float
        The guess, for use in the chapter's code.

    Raises
    ------
    TypeError, ValueError
        If the guess is not a finite number, or `id` not a name.
    """
    _check_id(id)
    guess = as_number("default", default)
    _predictions[id] = guess
    remember("predictions", {id: guess})
    print(f"Your prediction ({id}): {_number(guess)}. Change the number and run the cell again,")
    print("until it is what you would bet on.")
    return guess


def confront(id: str, measured: float, what: str = "") -> None:
    """Show the reader's guess beside what was measured, and how far apart they are.

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
        If nothing was predicted under this id, or `measured` is not a finite number.
    """
    _check_id(id)
    if id not in _predictions:
        raise ValueError(
            f"nothing was predicted under {id!r} yet: run the cell with predict({id!r}, …) first"
        )
    guess, measured = _predictions[id], as_number("measured", measured)
    print(f"{what or id}: you predicted {_number(guess)}, measured {_number(measured)}.")
    print(_distance(guess, measured))


def _check_id(id: object) -> None:
    if not isinstance(id, str) or not id:
        raise TypeError(f"id must be a name such as '00.a', but it is {id!r:.60}")


def _number(value: float) -> str:
    return f"{value:.3g}"


def _distance(guess: float, measured: float) -> str:
    if guess == measured:
        return "Exactly."
    if guess > 0 and measured > 0:
        decades = abs(math.log10(guess) - math.log10(measured))
        if decades >= 1:
            return f"That is {decades:.1f} orders of magnitude apart."
        factor = 10**decades
        if factor < 1.05:
            return "That is within 5 %."
        return f"That is a factor of {factor:.2g} apart."
    return f"That is {abs(guess - measured):.3g} apart."
