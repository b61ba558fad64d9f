"""What computed the numbers that are kept."""

from __future__ import annotations

import platform

import numpy as np
import scipy


def versions() -> dict[str, str]:
    """Return the versions of what computes: Python, NumPy, SciPy."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }
