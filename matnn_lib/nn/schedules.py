"""Learning-rate schedules: functions of the step number, which counts from 0."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from matnn_lib._validation import as_number

Schedule = Callable[[int], float]


def constant(rate: float) -> Schedule:
    """Return the schedule that gives `rate` at every step.

    Parameters
    ----------
    rate : float
        At least 0.

    Returns
    -------
    callable
        From the step number to the rate.

    Raises
    ------
    TypeError, ValueError
        `rate` is negative or no finite number.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 8.3.1 (why it is seldom best).

    Examples
    --------
    >>> constant(0.1)(1000)
    0.1
    """
    return partial(_constant, as_number("rate", rate, minimum=0))


def _constant(rate: float, step: int) -> float:
    return rate
