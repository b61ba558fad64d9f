"""The one number that an experiment's answer is, for a `verify` that measures it."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_real(answer: Any) -> float | str:
    """Return a plain `answer` as a float, or a sentence that says why it is no real number.

    A complex number with no imaginary part, as `numpy.roots` gives, is real; a number in quotes
    is a word.

    Examples
    --------
    >>> as_real(np.array(10 + 0j))
    10.0
    >>> as_real("10")
    'it is a word, not a number: leave out the quotes'
    """
    if isinstance(answer, str):
        return "it is a word, not a number: leave out the quotes"
    if not isinstance(answer, np.ndarray) or answer.size != 1:
        return "it is several numbers, not one"
    number = complex(answer.item())
    if number.imag != 0:
        return "it is a complex number, not a real one"
    return number.real
