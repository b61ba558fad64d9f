"""C06: does a power of the weight matrix tell what a recurrent net's gradient becomes?"""

from __future__ import annotations

from functools import partial

import numpy as np

from matnn_lib import linalg
from matnn_lib._validation import as_number
from matnn_lib.nn.initializers import gaussian
from matnn_lib.nn.layers import Dense, Identity, Layer, Sequential
from matnn_lib.study.claims.experiments.sizes import Size, draw_seeds, number_of_layers
from matnn_lib.study.claims.rule import Evidence

_WIDTH = 32


def gradient_follows_from_the_power(
    rng: np.random.Generator,
    size: Size,
    *,
    layers: int | None = None,
    activation: Layer | None = None,
    scale: float = 1.0,
) -> Evidence:
    """Measure C06: backpropagate through a recurrent net, and predict the result from W^k.

    The net applies one Gaussian W of spectral radius about 0.9, then `activation` (none unless
    given), `layers` times, to a batch of 16 inputs of size `scale`. The prediction for the
    gradient dH at the last step is ``dH @ (W^k).T``, by repeated squaring; its error is relative
    to the measured gradient, in the Frobenius norm.
    """
    scale = as_number("scale", scale, above=0)
    steps = number_of_layers(size, layers, quick=20)
    seeds = draw_seeds(rng)
    errors = []
    for seed in seeds:
        own = np.random.default_rng(seed)
        dense = Dense(_WIDTH, _WIDTH, partial(gaussian, gain=0.9))
        once = dense.init(own)
        unrolled = Sequential([dense, activation or Identity()] * steps)
        X, dH = scale * own.standard_normal((16, _WIDTH)), own.standard_normal((16, _WIDTH))
        _, pullback = unrolled((once, ()) * steps, X)
        measured, _ = pullback(dH)
        predicted = dH @ linalg.matrix_power(once[0], steps).T
        errors.append(float(np.linalg.norm(predicted - measured) / np.linalg.norm(measured)))
    quantities = {"relative error of the prediction from the power": tuple(errors)}
    settings = {"steps": steps, "width": _WIDTH, "scale": scale, "seeds": seeds}
    return Evidence("C06", size, quantities, settings)
