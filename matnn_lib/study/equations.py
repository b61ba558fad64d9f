"""Equations between matrices, drawn to scale: what has which shape, and what meets what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from matnn_lib._validation import as_array
from matnn_lib.study.plots import INK


def equation(
    ax: Axes, *parts: ArrayLike | str, names: Sequence[str] = (), numbers: bool = False
) -> Axes:
    """Draw matrices beside one another, one entry one unit, with signs between them.

    Blue is below zero, white zero, red above, on a scale of each matrix's own, as in
    `matnn_lib.study.plots.matrix`.

    Parameters
    ----------
    parts : matrices and strings
        Such as ``X, "@", W, "=", Y``. An entry that is NaN is left blank, and hatched.
    names : sequence of str, optional
        One a matrix, written below it with its shape.
    numbers : bool
        Write each entry into its cell, for small matrices.

    Raises
    ------
    ValueError
        There is no matrix, or there are `names`, but not one a matrix.
    """
    matrices = [
        as_array("a part", part, ndim=2, finite=False)
        for part in parts
        if not isinstance(part, str)
    ]
    if not matrices:
        raise ValueError(f"parts must hold at least one matrix, but they are {parts!r}")
    if names and len(names) != len(matrices):
        raise ValueError(
            f"names must hold one for each of the {len(matrices)} matrices, but it is {names!r}"
        )
    height = max(M.shape[0] for M in matrices)
    # A sign's width, half of it each side; either the width or the height sets the scale.
    gap = max(0.05 * sum(M.shape[1] for M in matrices), 0.13 * height) + 0.3
    x, drawn = 0.0, 0
    for part in parts:
        if isinstance(part, str):
            ax.text(x + gap / 4, 0, part, ha="center", va="center", color=INK)
            x += gap
            continue
        M = matrices[drawn]
        m, n = M.shape
        _draw(ax, M, x, numbers)
        if names:
            ax.annotate(
                f"{names[drawn]}\n{m} × {n}",
                (x + n / 2, m / 2),
                xytext=(0, -4),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize="small",
            )
        x, drawn = x + n + gap / 2, drawn + 1
    margin = 0.02 * height
    ax.set(xlim=(-gap / 2, x), ylim=(height / 2 + margin, -height / 2 - margin))
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def _draw(ax: Axes, M: np.ndarray, x: float, numbers: bool) -> None:
    m, n = M.shape
    size = np.abs(M[~np.isnan(M)])
    limit = float(size.max()) if size.any() else 1.0
    box = {"xy": (x, -m / 2), "width": n, "height": m}
    ax.add_patch(Rectangle(**box, facecolor="none", edgecolor="#CCCCCC", hatch="///", linewidth=0))
    ax.imshow(M, cmap="RdBu_r", vmin=-limit, vmax=limit, extent=(x, x + n, m / 2, -m / 2), zorder=2)
    ax.add_patch(Rectangle(**box, facecolor="none", edgecolor=INK, linewidth=0.8, zorder=3))
    if numbers:
        for (i, j), value in np.ndenumerate(M):
            if not np.isnan(value):
                colour = "white" if abs(value) > 0.6 * limit else "black"
                ax.text(
                    x + j + 0.5,
                    i + 0.5 - m / 2,
                    f"{value:.3g}",
                    ha="center",
                    va="center",
                    color=colour,
                    zorder=4,
                )
