"""Notebooks as students hand them in, built by code."""

from __future__ import annotations

import json
from pathlib import Path

RIGHT = """
import numpy as np
def orders_of_magnitude(norms):
    return np.log10(norms[-1]) - np.log10(norms[0])
"""
WRONG = """
import numpy as np
def orders_of_magnitude(norms):
    return np.log(norms[-1]) - np.log(norms[0])
"""


def notebook(*cells: str) -> bytes:
    """A notebook with these code cells."""
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"c{k}",
                    "metadata": {},
                    "outputs": [],
                    "execution_count": None,
                    "source": source.splitlines(keepends=True),
                }
                for k, source in enumerate(cells)
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    ).encode()


def hand_in(folder: Path, student: str, content: bytes, name: str = "00-start-here.ipynb") -> Path:
    """Put a notebook where a student's submission is looked for."""
    path = folder / student / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
