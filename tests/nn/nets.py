"""Random networks for property tests: any layer in any nesting, and small ready-made ones."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from matnn_lib import nn

ACTIVATIONS = (nn.Tanh(), nn.Sigmoid(), nn.ReLU(), nn.Identity())


def random_bias(rng, d_in, d_out):
    return 0.5 * rng.standard_normal(d_out)


@st.composite
def layers(draw, d_in, depth=2):
    """A layer for d_in columns, and the number of columns that it returns."""
    kinds = ["dense", "activation", "scale", "norm"]
    if depth:
        kinds += ["residual", "sequential"]
    kind = draw(st.sampled_from(kinds))
    if kind == "dense":
        d_out = draw(st.integers(1, 6))
        return nn.Dense(d_in, d_out, nn.gaussian, random_bias), d_out
    if kind == "activation":
        return draw(st.sampled_from(ACTIVATIONS)), d_in
    if kind == "scale":
        return nn.ScaleGradient(draw(st.sampled_from([0.0, 0.57, -2.0]))), d_in
    if kind == "norm":
        return nn.LayerNorm(d_in, epsilon=0.1), d_in
    inner, d_out = draw(sequentials(d_in, depth - 1))
    if kind == "residual":
        closing = nn.Dense(d_out, d_in, nn.gaussian, random_bias)
        return nn.Residual(nn.Sequential([*inner.layers, closing])), d_in
    return inner, d_out


@st.composite
def sequentials(draw, d_in, depth=2):
    chosen = []
    for _ in range(draw(st.integers(1, 5))):
        layer, d_in = draw(layers(d_in, depth))
        chosen.append(layer)
    return nn.Sequential(chosen), d_in


@st.composite
def problems(draw, classes=False):
    """A random network, its params, a batch and a target: (network, params, X, target)."""
    d_in = draw(st.integers(1, 6))
    network, d_out = draw(sequentials(d_in))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 7))
    # LayerNorm starts at gain 1 and offset 0, where half of its formula can't be seen.
    params = nn.tree_map(lambda w: w + 0.3 * rng.standard_normal(w.shape), network.init(rng))
    X = rng.standard_normal((n, d_in))
    if classes:
        return network, params, X, rng.integers(0, d_out, n)
    return network, params, X, rng.standard_normal((n, d_out))


def every_layer(d=4):
    """A network in which each kind of layer occurs, of d columns throughout, and 3 at the end."""
    inner = nn.Sequential([nn.Dense(d, d), nn.Sigmoid()])
    return nn.Sequential(
        [
            nn.Dense(d, d),
            nn.Tanh(),
            nn.Residual(inner),
            nn.LayerNorm(d),
            nn.ReLU(),
            nn.ScaleGradient(0.5),
            nn.Sequential([nn.Dense(d, d), nn.Identity()]),
            nn.Dense(d, 3),
        ]
    )


def batch(n=5, d=4, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.integers(0, classes, n)


def read_only(tree):
    """Copies that raise when someone writes to them."""

    def lock(w):
        w = np.array(w)
        w.flags.writeable = False
        return w

    return nn.tree_map(lock, tree)


def single(tree):
    return nn.tree_map(lambda w: w.astype(np.float32), tree)
