"""Files that are whole or not there, and what computed their numbers."""

from __future__ import annotations

import os
import platform
import tempfile
from pathlib import Path

import numpy as np
import scipy


def write_whole(path: Path, text: str) -> None:
    """Write a file so that an interruption leaves the old one or the new one, nothing between."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def versions() -> dict[str, str]:
    """Return the versions of what computes: Python, NumPy, SciPy."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }
