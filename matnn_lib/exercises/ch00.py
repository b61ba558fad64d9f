"""Chapter 00, Start here: read off a picture how much of the gradient is lost."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from matnn_lib.exercises.exercise import Arguments, Case, Exercise, Mistake


def _norms(rng: np.random.Generator, layers: int, decades_a_layer: float) -> Arguments:
    """Norms that grow towards the output by a steady factor, with the scatter of real ones."""
    exponents = decades_a_layer * np.arange(layers) + rng.normal(0, 0.2, layers)
    return (10.0 ** (exponents + rng.uniform(-14, -10)),)


def _dying(rng: np.random.Generator) -> Arguments:
    return _norms(rng, 50, rng.uniform(0.2, 0.28))


def _shallow(rng: np.random.Generator) -> Arguments:
    return _norms(rng, int(rng.integers(4, 9)), rng.uniform(0.5, 1.5))


def _exploding(rng: np.random.Generator) -> Arguments:
    return _norms(rng, 30, rng.uniform(-0.3, -0.2))


def _far_apart(rng: np.random.Generator) -> Arguments:
    return (10.0 ** np.linspace(rng.uniform(-305, -300), rng.uniform(200, 210), 200),)


def _decimal(norms: np.ndarray) -> float:
    """The exact quotient of the two numbers, and its logarithm to 28 digits."""
    return float((Decimal(float(norms[-1])) / Decimal(float(norms[0]))).log10())


EXERCISES = (
    Exercise(
        id="00.1",
        level="warm-up",
        minutes=5,
        kind="function",
        answer="orders_of_magnitude",
        cases=(
            Case("a net of 50 layers whose gradient dies", _dying, points=2),
            Case("a shallow net", _shallow),
            Case("a gradient that grows on its way back", _exploding, edge=True),
            Case("norms near both ends of what float64 can hold", _far_apart, edge=True),
        ),
        oracle=_decimal,
        oracle_name="closed form: Decimal.log10 of the exact quotient",
        mistakes=(
            Mistake("natural logarithm", lambda norms: np.log(norms[-1] / norms[0])),
            Mistake("binary logarithm", lambda norms: np.log2(norms[-1]) - np.log2(norms[0])),
            Mistake("rounded", lambda norms: np.round(np.log10(norms[-1]) - np.log10(norms[0]))),
            Mistake("other way round", lambda norms: np.log10(norms[0]) - np.log10(norms[-1])),
            Mistake(
                "absolute value", lambda norms: np.abs(np.log10(norms[-1]) - np.log10(norms[0]))
            ),
            Mistake("no logarithm", lambda norms: norms[-1] / norms[0]),
            Mistake("largest over smallest", lambda norms: np.log10(norms.max() / norms.min())),
            Mistake("quotient first", lambda norms: np.log10(norms[-1] / norms[0])),
        ),
    ),
)
