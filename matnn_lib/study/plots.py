"""One function a kind of picture; the same colour, line and marker for the same thing everywhere.

Each takes and returns Matplotlib ``Axes``. Colours are those of Okabe and Ito, which people with
any kind of colour vision tell apart; line styles and markers say the same without colour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from matnn_lib._validation import Floats, as_array, as_integer, as_matrix, as_number

INK = "#444444"
# What would end the emphasis of the words below a figure, or turn them into a formula.
_SIGNS = re.compile(r"([\\*_`$<])")
_BACKSLASH = r"\\\1"
STYLES: dict[str, dict[str, Any]] = {
    "dead": {"color": "#D55E00", "linestyle": "--", "marker": "v"},
    "mild": {"color": "#E69F00", "linestyle": "-.", "marker": "s"},
    "critical": {"color": "#0072B2", "linestyle": "-", "marker": "o"},
    "exploding": {"color": "#CC79A7", "linestyle": ":", "marker": "^"},
    "gaussian": {"color": "#009E73", "linestyle": (0, (5, 1, 1, 1)), "marker": "D"},
    "orthogonal": {"color": "#56B4E9", "linestyle": (0, (3, 1, 1, 1, 1, 1)), "marker": "P"},
    "linear": {"color": INK, "linestyle": (0, (1, 2)), "marker": ""},
    "frozen": {"color": INK, "linestyle": (0, (6, 3)), "marker": ""},
}
# None of these markers is a named thing's, so that a numbered line is never taken for one.
_OTHERS = ("#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#0072B2", "#D55E00", INK)
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2)))
_MARKERS = ("X", "<", "*", ">", "p", "d", "H")


def style(name: str, number: int = 0) -> dict[str, Any]:
    """Return colour, line style and marker of a named start or baseline, or of a `number`.

    Seven numbers give seven looks; then they begin again.

    Examples
    --------
    >>> style("critical") == style("critical", 3) != style("another", 3)
    True
    """
    if name in STYLES:
        return dict(STYLES[name])
    i = as_integer("number", number, minimum=0) % len(_OTHERS)
    return {"color": _OTHERS[i], "linestyle": _LINES[i], "marker": _MARKERS[i]}


def panels(
    columns: int = 1, rows: int = 1, *, height: float = 3.4, width: float = 4.6
) -> tuple[Figure, Any]:
    """Return a figure of ``rows × columns`` panels (`width` × `height` inches each) and its axes.

    One panel gives the ``Axes`` itself, several an array of them.
    """
    columns = as_integer("columns", columns, minimum=1)
    rows = as_integer("rows", rows, minimum=1)
    height = as_number("height", height, above=0)
    width = as_number("width", width, above=0)
    figure, axes = plt.subplots(
        rows, columns, figsize=(width * columns, height * rows), layout="constrained"
    )
    for ax in np.ravel(axes):
        ax.spines[["top", "right"]].set_visible(False)
    return figure, axes


def show(figure: Figure, alt: str) -> None:
    """Display `figure` with a text that says in words what there is to see.

    The text goes into the picture's metadata, for screen readers and web pages, and stands
    visibly below the picture, as JupyterLab shows no metadata. The figure is closed.

    Raises
    ------
    TypeError, ValueError
        If `figure` is no figure, or `alt` no text.
    """
    if not isinstance(figure, Figure):
        raise TypeError(f"figure must be a Matplotlib Figure, but it is {figure!r:.60}")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt must say in words what the figure shows, but it is {alt!r}")
    alt = " ".join(alt.split())
    try:
        display(figure, metadata={"image/png": {"alt": alt}})
    finally:
        plt.close(figure)
    display(Markdown(f"*In words: {_SIGNS.sub(_BACKSLASH, alt)}*"))


def signal_by_layer(ax: Axes, values: ArrayLike, label: str, number: int = 0) -> Axes:
    """Draw a positive quantity by layer on a logarithmic axis: median over seeds, and range.

    Parameters
    ----------
    values : (seeds, layers) or (layers,) array
        None negative. What is zero or not finite has no place on the axis and leaves a gap.
    label : str
        Shown in the legend; a start's name gives its colour, line and marker.
    number : int
        Chooses another style if `label` begins with no known name.

    Raises
    ------
    TypeError, ValueError
        If `values` has another shape, or a negative entry (a logarithm, perhaps).
    """
    rows = _rows(values)
    layers = np.arange(1, rows.shape[1] + 1)
    return _line_with_range(ax, layers, rows, label, number, log=True)


def training_curves(
    ax: Axes, values: ArrayLike, label: str, number: int = 0, *, x: ArrayLike | None = None
) -> Axes:
    """Draw a quantity against step or epoch: median over seeds, and range.

    Parameters
    ----------
    values : (seeds, points) or (points,) array
        Where a seed is NaN, as after a divergence, the others make the median.
    label, number
        As in `signal_by_layer`.
    x : (points,) array, optional
        0, 1, 2, … unless given.

    Raises
    ------
    TypeError, ValueError
        If `values` has another shape, or `x` not one entry a point.
    """
    rows = _rows(values)
    positions = np.arange(rows.shape[1]) if x is None else as_array("x", x, ndim=1)
    if len(positions) != rows.shape[1]:
        raise ValueError(
            f"x must hold one entry for each of the {rows.shape[1]} points, "
            f"but it holds {len(positions)}"
        )
    return _line_with_range(ax, positions, rows, label, number, log=False)


def baseline(ax: Axes, value: float, label: str) -> Axes:
    """Draw a level to read the other curves beside, with its name at the left above it."""
    value = as_number("value", value)
    line = STYLES.get(_first_word(label), {}).get("linestyle", ":")
    ax.axhline(value, color=INK, linestyle=line, linewidth=1)
    ax.annotate(
        label,
        (0.01, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2),
        textcoords="offset points",
        fontsize="small",
        color=INK,
    )
    return ax


def spectrum(ax: Axes, values: ArrayLike, label: str, number: int = 0) -> Axes:
    """Draw singular values or eigenvalue moduli, largest first: median over seeds, and range.

    The axis is logarithmic; `values` is (n,) or (seeds, n) and not yet logarithms. Gaps, other
    arguments and errors as in `signal_by_layer`.
    """
    rows = _rows(values)
    return _line_with_range(ax, np.arange(1, rows.shape[1] + 1), rows, label, number, log=True)


def matrix(ax: Axes, A: ArrayLike, title: str = "", *, numbers: bool = False) -> Axes:
    """Draw a matrix as a heat map: blue below zero, white at zero, red above, symmetric scale.

    With `numbers`, each entry is written into its cell, for small matrices.
    """
    M = as_matrix("A", A)
    limit = float(np.abs(M).max()) or 1.0
    ax.imshow(M, cmap="RdBu_r", vmin=-limit, vmax=limit)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(True)
    if title:
        ax.set_title(title, fontsize="medium")
    if numbers:
        for (i, j), value in np.ndenumerate(M):
            colour = "white" if abs(value) > 0.6 * limit else "black"
            ax.text(j, i, f"{value:.3g}", ha="center", va="center", color=colour)
    return ax


def images(axes: Sequence[Axes], pictures: ArrayLike, titles: Sequence[str]) -> Sequence[Axes]:
    """Draw grey pictures, dark on light: `pictures` is (n, height, width), one an axis."""
    stack = as_array("pictures", pictures, ndim=3)
    if not len(axes) == len(stack) == len(titles):
        raise ValueError(
            "axes, pictures and titles must be equally many, "
            f"but they are {len(axes)}, {len(stack)} and {len(titles)}"
        )
    for ax, picture, title in zip(axes, stack, titles, strict=True):
        ax.imshow(picture, cmap="Greys")
        ax.set_title(title, fontsize="small")
        ax.axis("off")
    return axes


def _rows(values: ArrayLike) -> NDArray[np.floating[Any]]:
    rows = np.atleast_2d(as_array("values", values, finite=False))
    if rows.ndim != 2:
        raise ValueError(f"values must be (seeds, points) or (points,), but it is {rows.shape}")
    return rows


def _line_with_range(
    ax: Axes, x: Floats | NDArray[Any], rows: Floats, label: str, number: int, *, log: bool
) -> Axes:
    look: Mapping[str, Any] = style(_first_word(label), number)
    x = np.asarray(x)
    if log:
        if (rows < 0).any():
            raise ValueError(
                "values must not be negative, as the axis is logarithmic, "
                f"but one is {rows[rows < 0][0]:.3g}"
            )
        ax.set_yscale("log")
    seen = ~np.isnan(rows).all(axis=0)
    x, rows = x[seen], rows[:, seen]
    # Medians and ranges first, gaps second: a seed at zero counts, though it can't be drawn.
    low, middle, high = (f(rows, axis=0) for f in (np.nanmin, np.nanmedian, np.nanmax))
    drawable = np.isfinite(middle) & ((middle > 0) | (not log))
    middle = np.where(drawable, middle, np.nan)
    every = max(1, len(x) // 8)
    ax.plot(x, middle, label=label, linewidth=1.8, markersize=4.5, markevery=every, **look)
    if len(rows) > 1:
        shown = drawable & np.isfinite(low) & np.isfinite(high) & ((low > 0) | (not log))
        ax.fill_between(x, low, high, where=shown, color=look["color"], alpha=0.18, linewidth=0)
    return ax


def _first_word(label: str) -> str:
    """Return what a label begins with, in small letters: perhaps a name in `STYLES`."""
    if not isinstance(label, str):
        raise TypeError(f"label must be a string, but it is {label!r:.60}")
    return re.split(r"[\s,:]", label.strip(), maxsplit=1)[0].lower()
