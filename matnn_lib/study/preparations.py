"""Changes of a net's parameters before its training: ``params -> params``, for the bench."""

from __future__ import annotations

import numpy as np

from matnn_lib._validation import as_integer, as_number
from matnn_lib.study.trials import Params


def similar(params: Params, ratio: float, seed: int = 0) -> Params:
    """Replace every square weight matrix W by D⁻¹ W D, which has the same eigenvalues.

    D is diagonal: a geometric sequence from ``1 / sqrt(ratio)`` to ``sqrt(ratio)`` in an order of
    its own for each layer. Rank and eigenvalues of every layer stay as they are; its singular
    values do not, unless `ratio` is 1.

    Parameters
    ----------
    params : nested tuple of arrays
        Of a `Sequential` of dense layers and activations.
    ratio : float
        Largest over smallest entry of D, at least 1.
    seed : int
        Of the order of D's entries.
    """
    ratio = as_number("ratio", ratio, minimum=1)
    rng = np.random.default_rng(as_integer("seed", seed, minimum=0))

    def change(layer: Params) -> Params:
        if not layer or layer[0].shape[0] != layer[0].shape[1]:
            return layer
        W, b = layer
        d = rng.permutation(np.geomspace(ratio**-0.5, ratio**0.5, len(W)))
        return W * d / d[:, None], b

    return tuple(change(layer) for layer in params)
