"""C13: does the article's program run, and does its repair show what is said of it?"""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from matnn_lib._validation import Floats, as_integer, as_number
from matnn_lib.nn import diagnosis, updates
from matnn_lib.nn.layer import Params
from matnn_lib.nn.layers import Dense, Sequential, Tanh
from matnn_lib.nn.losses import mean_squared_error
from matnn_lib.nn.schedules import constant
from matnn_lib.nn.training import train
from matnn_lib.study.claims.experiments.running import run
from matnn_lib.study.claims.experiments.sizes import Size, draw_seeds
from matnn_lib.study.claims.rule import Evidence, lessens

Gains = tuple[float, float]


def article_program() -> str:
    """Return the article's program as published."""
    file = resources.files("matnn_lib.study").joinpath("data", "article_program.txt")
    return file.read_text(encoding="utf-8")


def how_it_ends(program: str) -> str | None:
    """Run `program` and return the name of the error that ends it, or None if it ends well."""
    return run(program, seed=0).error


class Problem(NamedTuple):
    """What the repaired program begins with: ``100 × 1`` inputs and targets beside the net."""

    network: Sequential
    start: Params
    X: Floats
    Y: Floats


def repaired_problem(rng: np.random.Generator, layers: int = 2) -> Problem:
    """Draw inputs, targets and a net of so many layers as `repaired_program` describes them."""
    layers = as_integer("layers", layers, minimum=1)
    blocks = [(Dense(1, 1, _uniform, _uniform_bias), Tanh()) for _ in range(layers)]
    network = Sequential([layer for block in blocks for layer in block])
    X, Y = rng.random((100, 1)), rng.random((100, 1))
    return Problem(network, network.init(rng), X, Y)


def repaired_program(
    rng: np.random.Generator, *, layers: int = 2, rate: float = 0.01, iterations: int = 1000
) -> Gains:
    """Train what the program means to train; return the backward gain before and after.

    As published: 100 random inputs and random targets in [0, 1), one unit a layer, tanh after
    each, weights and biases uniform in [0, 1), squared error, 1,000 steps of gradient descent at
    rate 0.01 on all examples. The gain is log10(‖∂L/∂h_1‖_F / ‖∂L/∂h_L‖_F).
    """
    rate = as_number("rate", rate, above=0)
    network, start, X, Y = repaired_problem(rng, layers)
    end, history = train(
        network,
        start,
        (X, Y),
        mean_squared_error,
        updates.sgd(),
        constant(rate),
        epochs=iterations,
        batch_size=len(X),
        rng=rng,
    )
    if history.outcome == "interrupted":
        raise KeyboardInterrupt
    before, after = (
        diagnosis.backward_gain(network, params, X, Y, mean_squared_error)
        for params in (start, end)
    )
    return before, after


def program_shows_the_effect(
    rng: np.random.Generator,
    size: Size,
    *,
    program: str | None = None,
    repaired: Callable[..., Gains] | None = None,
    layers: int | None = None,
    rate: float | None = None,
) -> Evidence:
    """Measure C13: run the program as published, and the gain before and after its repair.

    `program` takes the place of the article's. One that runs to its end and leaves its backward
    gains, in decades, as ``gain_before`` and ``gain_after`` needs no repair: the gains are its
    own, once a seed. Otherwise they are those of `repaired`, `repaired_program` unless given, to
    which `layers` and `rate` go.
    """
    text = article_program() if program is None else program
    seeds = draw_seeds(rng)
    options: dict[str, Any] = {}
    if layers is not None:
        options["layers"] = layers
    if rate is not None:
        options["rate"] = rate
    first = run(text, seeds[0])
    endings = [first]
    if first.gains and repaired is None:
        endings += [run(text, seed) for seed in seeds[1:]]
    errors = [ending.error for ending in endings if ending.error is not None]
    own = [ending.gains for ending in endings if ending.gains is not None]
    if len(own) < len(seeds):
        repair = repaired_program if repaired is None else repaired
        own = [repair(np.random.default_rng(seed), **options) for seed in seeds]
    before, after = zip(*own, strict=True)
    quantities = {
        "the published program runs to its end": (0.0 if errors else 1.0,),
        "the repaired program: rise": lessens(after, before),
        "the repaired program: backward gain at the start": tuple(before),
    }
    settings: dict[str, object] = {
        "ends with": errors[0] if errors else None,
        "seeds": seeds,
        **options,
    }
    return Evidence("C13", size, quantities, settings)


def _uniform(rng: np.random.Generator, d_in: int, d_out: int) -> Floats:
    return rng.random((d_in, d_out))


def _uniform_bias(rng: np.random.Generator, d_in: int, d_out: int) -> Floats:
    return rng.random(d_out)
