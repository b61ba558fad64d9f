"""Constant arrays that the inner loop needs again and again, each made once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from .layer import Floats


@lru_cache(64)
def scalar(value: float, dtype: np.dtype[Any]) -> Floats:
    """Return a number as an array without axes: NumPy takes it in half the time of a float.

    It has the `dtype`, in which a product stays what it is; beside integers, float64.
    """
    return _read_only(np.array(value, dtype if dtype.kind == "f" else np.float64))


@lru_cache(8)
def ones(n: int, dtype: np.dtype[Any]) -> Floats:
    """Return n ones."""
    return _read_only(np.ones(n, dtype))


def _read_only(array: Floats) -> Floats:
    array.flags.writeable = False
    return array
