"""Starts begin as their names say, and architectures change only the way back."""

import math
from functools import partial

import numpy as np
import pytest

from matnn_lib.nn import diagnosis
from matnn_lib.nn.initializers import near_critical, orthogonal
from matnn_lib.nn.layers import ReLU, Tanh
from matnn_lib.nn.tree import tree_leaves
from matnn_lib.study import bench, starts
from matnn_lib.study.evidence.ch07 import TopScaled
from matnn_lib.study.starts import ScaledBackward, Start, TopOnly, plain

WIDTHS = (64, *[64] * 9, 10)
RNG = np.random.default_rng


def hidden_weights(start, layers=9):
    widths = (64, *[64] * layers, 10)
    params = start.network(widths).init(RNG(0))
    return [W for W in tree_leaves(params) if W.ndim == 2][:-1]


@pytest.mark.parametrize(
    ("start", "gain"),
    [
        (starts.MILD, 0.8),
        (starts.ORTHOGONAL, 1.0),
        (starts.EXPLODING, 1.5),
        (starts.CRITICAL, math.sqrt(1 + 1 / math.sqrt(9))),
    ],
)
def test_all_singular_values_of_an_orthogonal_start_are_its_gain(start, gain):
    for W in hidden_weights(start):
        np.testing.assert_allclose(np.linalg.svd(W, compute_uv=False), gain, rtol=1e-12)


def test_the_critical_gain_falls_toward_one_with_depth():
    for layers in (1, 4, 100):
        W = hidden_weights(starts.CRITICAL, layers)[0]
        assert np.linalg.norm(W, 2) ** 2 == pytest.approx(1 + 1 / math.sqrt(layers))


def test_the_dead_start_is_uniform_within_one_over_the_root_of_the_width():
    W = np.array(hidden_weights(starts.DEAD))
    assert np.abs(W).max() <= 1 / 8
    assert W.var() == pytest.approx(1 / (3 * 64), rel=0.02)


def test_the_gaussian_start_has_variance_one_over_the_width():
    W = np.array(hidden_weights(starts.GAUSSIAN))
    assert W.var() == pytest.approx(1 / 64, rel=0.02)
    assert np.mean(W**4) / np.mean(W**2) ** 2 == pytest.approx(3, rel=0.05)


def test_only_the_dead_start_draws_biases():
    for start in (bench.DEAD, bench.MILD, bench.CRITICAL, bench.EXPLODING, bench.GAUSSIAN):
        params = start.network(WIDTHS).init(RNG(0))
        biases = [b for b in tree_leaves(params) if b.ndim == 1]
        assert len(biases) == 10
        assert all(b.any() == (start is bench.DEAD) for b in biases)


def test_a_depth_that_was_bound_stays():
    start = Start("deep", partial(near_critical, depth=100))
    assert np.linalg.norm(hidden_weights(start)[0], 2) ** 2 == pytest.approx(1.1)


def test_a_start_may_have_another_activation():
    network = Start("relu", orthogonal, activation=ReLU()).network((3, 4, 5, 2))
    assert [layer for layer in network.layers if not hasattr(layer, "d_in")] == [ReLU(), ReLU()]


@pytest.mark.parametrize("start", [starts.DEAD, starts.CRITICAL])
@pytest.mark.parametrize("factor", [0.57, 0.1, 1.9, -0.5])
def test_a_scaled_way_back_is_the_identity_forward_and_a_power_of_the_factor_backward(
    start, factor
):
    network, scaled = plain(start, WIDTHS), ScaledBackward(factor)(start, WIDTHS)
    X, y = RNG(1).standard_normal((20, 64)), RNG(2).integers(0, 10, 20)
    params, scaled_params = network.init(RNG(0)), scaled.init(RNG(0))
    assert np.array_equal(network(params, X)[0], scaled(scaled_params, X)[0])
    norms, scaled_norms = (
        diagnosis.backward_norms(net, p, X, y)
        for net, p in ((network, params), (scaled, scaled_params))
    )
    # Layer 9 is the last: nothing stands between it and the read-out.
    lost = np.log10(scaled_norms / norms)
    np.testing.assert_allclose(lost, np.arange(8, -1, -1) * math.log10(abs(factor)), atol=1e-10)


def gradients_by_matrix(network):
    X, y = RNG(1).standard_normal((20, 64)), RNG(2).integers(0, 10, 20)
    return diagnosis.gradient_norms(diagnosis.trace(network, network.init(RNG(0)), X, y).gradients)


@pytest.mark.parametrize("trained", [0, 1, 4, 9])
def test_only_the_top_layers_and_the_read_out_have_a_gradient(trained):
    all_of_them = gradients_by_matrix(plain(starts.CRITICAL, WIDTHS))
    norms = gradients_by_matrix(TopOnly(trained)(starts.CRITICAL, WIDTHS))
    assert (norms[: 9 - trained] == 0).all()
    assert np.array_equal(norms[9 - trained :], all_of_them[9 - trained :])


def test_between_the_top_layers_alone_the_gradient_may_be_scaled():
    widths, factor = (64, *[64] * 5, 10), 0.57
    all_of_them = gradients_by_matrix(plain(starts.CRITICAL, widths))
    norms = gradients_by_matrix(TopScaled(3, factor)(starts.CRITICAL, widths))
    assert (norms[:2] == 0).all()
    np.testing.assert_allclose(norms[2:] / all_of_them[2:], [factor**2, factor, 1, 1], rtol=1e-12)


def test_a_net_without_hidden_layers_is_its_read_out_in_any_architecture():
    for architecture in (plain, ScaledBackward(0.5), TopOnly(0)):
        network = architecture(starts.DEAD, (5, 2))
        X = np.ones((1, 5))
        _, pullback = network(network.init(RNG(0)), X)
        (dW, _), *_ = (g for g in pullback(np.ones((1, 2)))[1] if g)
        assert np.array_equal(dW, np.ones((5, 2)))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: ScaledBackward("x"), TypeError, "factor must be a real number"),
        (lambda: ScaledBackward(math.nan), ValueError, "factor must be finite"),
        (lambda: TopOnly(2.5), TypeError, "trained must be an integer, but it is 2.5"),
        (lambda: TopOnly(-1), ValueError, "trained must be at least 0, but it is -1"),
        (lambda: TopOnly(10)(starts.DEAD, WIDTHS), ValueError, "hidden layers, 9, but it is 10"),
        (lambda: Start(3, orthogonal), TypeError, "name must be a string"),
        (lambda: Start("x", "orthogonal"), TypeError, "initializer must be a function"),
        (lambda: Start("x", orthogonal, 0), TypeError, "bias_initializer must be a function"),
        (lambda: Start("x", orthogonal, activation=Tanh), TypeError, "activation must be a layer"),
    ],
)
def test_what_makes_no_start_or_architecture_is_refused_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()
