"""Data sets small enough for a laptop and real enough to be believed."""

from __future__ import annotations

import hashlib
import io
from importlib import resources
from typing import NamedTuple

import numpy as np

from matnn_lib._validation import Floats, as_generator, as_number, as_size
from matnn_lib.linalg import haar_orthogonal

_DIGITS_SHA256 = "6644b4c23e9fcbadfcecdb802c6f6d56a7b3ec311190601b91fef4e06ae33015"


class Dataset(NamedTuple):
    """A classification problem, split: `X` of shape (examples, features), `y` class numbers."""

    X_train: Floats
    y_train: np.ndarray[tuple[int], np.dtype[np.int64]]
    X_test: Floats
    y_test: np.ndarray[tuple[int], np.dtype[np.int64]]

    @property
    def classes(self) -> int:
        """The number of classes: the largest class number, in training and test set, plus one."""
        return int(max(self.y_train.max(), self.y_test.max())) + 1


class DataFileError(RuntimeError):
    """A data file that the course ships is missing or damaged."""


def digits() -> Dataset:
    """Return 1,797 handwritten digits of 8 × 8 pixels, standardised, 1,437 to train on.

    All pixels are shifted and scaled by the *one* mean and the one standard deviation of the
    training set, so that an image still looks like itself. Each row of `X` is an image, read row
    by row (``X[i].reshape(8, 8)``). The split is stratified and always the same.

    Returns
    -------
    Dataset
        `X_train` (1437, 64), `y_train` (1437,), `X_test` (360, 64), `y_test` (360,).

    Raises
    ------
    DataFileError
        If the file that comes with the package is missing or damaged.

    References
    ----------
    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49 (CC BY 4.0).

    Examples
    --------
    >>> data = digits()
    >>> data.X_train.shape, data.X_test.shape, data.classes
    ((1437, 64), (360, 64), 10)
    """
    file = _read_shipped("digits.npz", _DIGITS_SHA256)
    X = file["pixels"].astype(np.float64)
    y = file["labels"].astype(np.int64)
    train, test = file["train"], file["test"]
    mean, deviation = X[train].mean(), X[train].std()
    X = (X - mean) / deviation
    return Dataset(X[train], y[train], X[test], y[test])


def spirals(
    rng: np.random.Generator,
    *,
    turns: float = 1.25,
    arms: int = 3,
    examples: int = 1800,
    dimension: int = 64,
    noise: float = 0.02,
) -> Dataset:
    """Return a spiral of several arms, one class each, laid into a space of many dimensions.

    An arm is r (cos, sin)(2π (turns · r + arm / arms)) with r from 0.1 to 1, r² evenly spaced,
    so that the disc is covered evenly, and blurred by Gaussian `noise`; an orthonormal map takes
    the plane into `dimension` dimensions, scaled to a root mean square of 1 a coordinate. A
    linear model can't tell the arms apart.

    Parameters
    ----------
    rng : numpy.random.Generator
    turns : float
        How often an arm winds around the centre.
    arms, examples, dimension : int
        Classes; examples in all, of which a fifth is kept for testing; features.
    noise : float
        Standard deviation of the blur, in units of the spiral's outer radius.

    Raises
    ------
    ValueError
        If a number is out of range (fewer than 2 arms, 10 examples an arm, 2 dimensions).
    """
    as_generator("rng", rng)
    turns = as_number("turns", turns, above=0)
    arms = as_size("arms", arms, minimum=2)
    examples = as_size("examples", examples, minimum=10 * arms)
    dimension = as_size("dimension", dimension, minimum=2)
    noise = as_number("noise", noise, minimum=0)
    per_arm = examples // arms
    radius = np.tile(np.sqrt(np.linspace(0.01, 1.0, per_arm)), arms)
    y = np.repeat(np.arange(arms), per_arm)
    angle = 2 * np.pi * (turns * radius + y / arms)
    plane = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    plane += noise * rng.standard_normal(plane.shape)
    X = plane @ haar_orthogonal(dimension, rng)[:2]
    X /= np.sqrt(np.mean(X**2))
    return _split(X, y, rng)


def teacher(
    rng: np.random.Generator, *, examples: int = 1800, dimension: int = 64, classes: int = 4
) -> Dataset:
    """Return Gaussian inputs labelled by a random two-layer tanh net: a task with a known answer.

    The label of x is the largest of ``tanh(x @ V) @ W`` for Gaussian V (dimension × 2 dimension)
    and W, so that a net of one hidden layer can represent it and a linear one only in part. A
    fifth of the examples is kept for testing.

    Raises
    ------
    ValueError
        If there are fewer than 2 classes, 2 dimensions, or 10 examples a class.
    """
    as_generator("rng", rng)
    dimension = as_size("dimension", dimension, minimum=2)
    classes = as_size("classes", classes, minimum=2)
    examples = as_size("examples", examples, minimum=10 * classes)
    X = rng.standard_normal((examples, dimension))
    V = 3 * rng.standard_normal((dimension, 2 * dimension)) / np.sqrt(dimension)
    W = rng.standard_normal((2 * dimension, classes))
    y = np.argmax(np.tanh(X @ V) @ W, axis=1)
    return _split(X, y, rng)


def _split(X: Floats, y: np.ndarray, rng: np.random.Generator) -> Dataset:
    order = rng.permutation(len(X))
    test, train = np.split(order, [len(X) // 5])
    return Dataset(X[train], y[train], X[test], y[test])


def _read_shipped(name: str, sha256: str) -> dict[str, np.ndarray]:
    path = resources.files("matnn_lib.study").joinpath("data", name)
    remedy = (
        f"get it back with `git checkout -- matnn_lib/study/data/{name}`, "
        "or install the package again"
    )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataFileError(f"the data file {name} can't be read ({error}): {remedy}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataFileError(
            f"the data file {name} is damaged (its checksum is not the published one): {remedy}"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)
