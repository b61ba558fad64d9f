"""One function a kind of picture; the same colour, line and marker for the same thing everywhere.

Each takes and returns Matplotlib ``Axes``. Colours are those of Okabe and Ito, which people with
any kind of colour vision tell apart; line styles and markers say the same without colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from matnn_lib._validation import Floats, as_array, as_integer, as_matrix

INK = "#444444"
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
_OTHERS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", INK)
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2)))
_MARKERS = ("o", "v", "s", "D", "^", "P", "X")


def style(name: str, number: int = 0) -> dict[str, Any]:
    """Return colour, line style and marker of a named start or baseline, or of a `number`."""
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
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt must say in words what the figure shows, but it is {alt!r}")
    alt = " ".join(alt.split())
    display(figure, metadata={"image/png": {"alt": alt}})
    plt.close(figure)
    display(Markdown(f"*In words: {alt}*"))


def signal_by_layer(ax: Axes, values: ArrayLike, label: str, number: int = 0) -> Axes:
    """Draw a positive quantity by layer on a logarithmic axis: median over seeds, and range.

    Parameters
    ----------
    values : (seeds, layers) or (layers,) array
        Entries that are exactly zero are left out of the line.
    label : str
        Shown in the legend; a start's name gives its colour, line and marker.
    number : int
        Chooses another style if `label` begins with no known name.
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
    x : (points,) array, optional
        0, 1, 2, … unless given.
    """
    rows = _rows(values)
    positions = np.arange(rows.shape[1]) if x is None else as_array("x", x, ndim=1)
    return _line_with_range(ax, positions, rows, label, number, log=False)


def baseline(ax: Axes, value: float, label: str) -> Axes:
    """Draw a level to read the other curves beside, with its name at the left above it."""
    kind = style(label.split()[0].lower()) if label.split()[0].lower() in STYLES else {}
    ax.axhline(value, color=INK, linestyle=kind.get("linestyle", ":"), linewidth=1)
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

    The axis is logarithmic; `values` is (n,) or (seeds, n) and not yet logarithms.
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
    look: Mapping[str, Any] = style(label.split(",")[0].split(" ")[0].lower(), number)
    if log:
        ax.set_yscale("log")
        rows = np.where(rows > 0, rows, np.nan)
    seen = ~np.isnan(rows).all(axis=0)
    x, rows = np.asarray(x)[seen], rows[:, seen]
    ax.plot(
        x,
        np.nanmedian(rows, axis=0),
        label=label,
        linewidth=1.8,
        markersize=4.5,
        markevery=max(1, len(x) // 8),
        **look,
    )
    if len(rows) > 1:
        low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
        ax.fill_between(x, low, high, color=look["color"], alpha=0.18, linewidth=0)
    return ax
