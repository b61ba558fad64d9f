from __future__ import annotations

import math
from functools import partial

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib import nn
from matnn_lib.nn import diagnosis

from .nets import batch, every_layer, problems, read_only, single

seeds = st.integers(0, 2**32 - 1)


def deep(initializer, bias_initializer=nn.zeros, depth=50, width=64, seed=0):
    """A tanh net, its params, and 64 standard normal examples of ten classes."""
    rng = np.random.default_rng(seed)
    network = nn.mlp([width] * (depth + 1) + [10], nn.Tanh(), initializer, bias_initializer)
    X, labels = rng.standard_normal((64, width)), rng.integers(0, 10, 64)
    return network, network.init(rng), X, labels


# ---- norms


@settings(max_examples=50, deadline=None, derandomize=True)
@given(seeds, st.integers(1, 5), st.integers(1, 5), st.integers(-330, 305))
def test_norms_are_right_where_the_squares_of_entries_are_zero_or_infinite(seed, m, n, exponent):
    G = np.random.default_rng(seed).standard_normal((m, n)) * 10.0**exponent
    with mpmath.workdps(50):
        exact = mpmath.sqrt(mpmath.fsum(mpmath.mpf(g) ** 2 for g in G.ravel().tolist()))
    # A subnormal norm has no more digits than the number of its bits.
    assert diagnosis.gradient_norms((G,))[0] == pytest.approx(
        float(exact), rel=1e-14, abs=2 * 5e-324
    )


def test_a_float32_gradient_whose_squares_underflow_has_its_norm():
    G = (1e-38 * np.random.default_rng(0).standard_normal((3, 2))).astype(np.float32)
    assert (G * G).sum() == 0
    norms = diagnosis.gradient_norms(((G, np.ones(2, np.float32)),))
    assert norms.dtype == np.float64
    # In float64 these squares are far from its end.
    np.testing.assert_allclose(norms, [np.sqrt((G.astype(np.float64) ** 2).sum())], rtol=1e-15)


def test_gradient_norms_are_those_of_matrices_in_order_and_of_nothing_else():
    gradients = ((np.eye(4), np.ones(9)), (), ((np.zeros((2, 2)), np.ones(2)),), (np.ones((1, 9)),))
    np.testing.assert_allclose(diagnosis.gradient_norms(gradients), [2, 0, 3], rtol=1e-15)


def test_the_logged_norm_dies_before_the_gradient_does_but_not_here():
    network, params, X, labels = deep(nn.standard, depth=30)
    network = nn.mlp([64] * 31 + [10], nn.Sigmoid(), nn.standard, nn.standard_bias)
    params = single(network.init(np.random.default_rng(0)))
    trace = diagnosis.trace(network, params, single(X), labels)
    first = trace.gradients[0][0]
    assert first.any()
    assert (first * first).sum() == 0
    assert 0 < diagnosis.gradient_norms(trace.gradients)[0] < 1e-20


# ---- what counts as hidden


def test_hidden_layers_are_the_activations_and_the_composites():
    assert diagnosis.hidden_indices(every_layer()) == [1, 2, 4, 6]


def test_trace_agrees_with_a_plain_pass():
    network, (X, labels) = every_layer(), batch()
    params = read_only(network.init(np.random.default_rng(0)))
    trace = diagnosis.trace(network, params, read_only(X), read_only(labels))
    output, pullback = network(params, X)
    value, gradient = nn.softmax_cross_entropy(output, labels)
    assert trace.loss == value
    nn.tree_map(np.testing.assert_array_equal, trace.gradients, pullback(gradient)[1])
    head = nn.Sequential(network.layers[:3])
    np.testing.assert_array_equal(trace.hidden[1], head(params[:3], X)[0])


def test_a_moved_hidden_signal_moves_the_loss_by_its_traced_gradient():
    network, params, X, labels = deep(nn.orthogonal, depth=4, width=6)
    trace = diagnosis.trace(network, params, X, labels)
    D = np.random.default_rng(1).standard_normal(trace.hidden[1].shape)
    rest, own = nn.Sequential(network.layers[4:]), params[4:]

    def loss(H):
        return nn.softmax_cross_entropy(rest(own, H)[0], labels)[0]

    h = 1e-5
    slope = (loss(trace.hidden[1] + h * D) - loss(trace.hidden[1] - h * D)) / (2 * h)
    assert slope == pytest.approx(np.vdot(trace.backward[1], D), rel=1e-7)


# ---- backward gain


@pytest.mark.parametrize("seed", range(3))
def test_fifty_standard_layers_take_twelve_orders_from_the_gradient(seed):
    network, params, X, labels = deep(nn.standard, nn.standard_bias, seed=seed)
    assert -12.5 < diagnosis.backward_gain(network, params, X, labels) < -11.3


@pytest.mark.parametrize("seed", range(3))
def test_fifty_near_critical_layers_keep_the_gradients_size(seed):
    network, params, X, labels = deep(partial(nn.near_critical, depth=50), seed=seed)
    assert abs(diagnosis.backward_gain(network, params, X, labels)) < 1


@settings(max_examples=10, deadline=None, derandomize=True)
@given(seeds, st.integers(2, 7), st.floats(0.1, 3))
def test_the_gain_of_a_linear_orthogonal_net_is_that_of_its_matrices(seed, depth, gain):
    rng = np.random.default_rng(seed)
    network = nn.mlp([5] * (depth + 1) + [3], nn.Identity(), partial(nn.orthogonal, gain=gain))
    X, labels = rng.standard_normal((4, 5)), rng.integers(0, 3, 4)
    params = network.init(rng)
    norms = diagnosis.backward_norms(network, params, X, labels)
    np.testing.assert_allclose(norms[:-1] / norms[1:], gain, rtol=1e-10)
    expected = (depth - 1) * math.log10(gain)
    assert diagnosis.backward_gain(network, params, X, labels) == pytest.approx(
        expected, rel=1e-10, abs=1e-12
    )


def test_scaling_the_gradient_scales_the_gain_and_leaves_the_signal():
    layers, factor = [], 0.57
    for _ in range(50):
        layers += [nn.Dense(16, 16, nn.orthogonal), nn.Tanh(), nn.ScaleGradient(factor)]
    network = nn.Sequential([*layers, nn.Dense(16, 10, nn.orthogonal)])
    plain = nn.Sequential([x for x in network.layers if not isinstance(x, nn.ScaleGradient)])
    params = network.init(np.random.default_rng(0))
    own = tuple(p for p in params if p)
    bare = tuple(q for p in own for q in (p, ()))[:-1]
    X, labels = batch(8, 16, 10)
    gains = [
        diagnosis.backward_gain(network, params, X, labels),
        diagnosis.backward_gain(plain, bare, X, labels),
    ]
    assert gains[0] - gains[1] == pytest.approx(49 * math.log10(factor), rel=1e-10)
    np.testing.assert_array_equal(
        diagnosis.forward_norms(network, params, X), diagnosis.forward_norms(plain, bare, X)
    )


def test_the_gain_of_a_gradient_that_is_cut_off_is_minus_infinity():
    network = nn.Sequential(
        [
            nn.Dense(4, 4),
            nn.Tanh(),
            nn.ScaleGradient(0.0),
            nn.Dense(4, 4),
            nn.Tanh(),
            nn.Dense(4, 3),
        ]
    )
    X, labels = batch()
    params = network.init(np.random.default_rng(0))
    assert diagnosis.backward_gain(network, params, X, labels) == -math.inf
    silent = nn.tree_map(np.zeros_like, params)
    assert diagnosis.backward_gain(network, silent, X, labels) == -math.inf


def test_the_gain_of_a_thousand_layers_is_seen_beyond_float64s_squares():
    network, params, X, labels = deep(partial(nn.orthogonal, gain=0.5), depth=1000, width=8)
    # Each layer halves the gradient: 0.5**999 is 10**-300.7.
    assert diagnosis.backward_gain(network, params, X, labels) == pytest.approx(-300.7, abs=0.1)


def test_the_gain_takes_any_loss():
    network, params, X, _ = deep(nn.orthogonal, depth=3, width=6)
    target = np.zeros((64, 10))
    value = diagnosis.trace(network, params, X, target, nn.mean_squared_error).loss
    assert value == pytest.approx(np.mean(network(params, X)[0] ** 2))
    assert math.isfinite(diagnosis.backward_gain(network, params, X, target, nn.mean_squared_error))


# ---- forward spread


def exact_spread(H):
    with mpmath.workdps(60):
        columns = [[mpmath.mpf(h) for h in column] for column in H.T.tolist()]
        apart = mpmath.mpf(0)
        for column in columns:
            mean = mpmath.fsum(column) / len(column)
            apart += mpmath.fsum((h - mean) ** 2 for h in column)
        whole = mpmath.fsum(h**2 for column in columns for h in column)
        return float(mpmath.sqrt(apart / whole))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seeds, st.integers(2, 9), st.integers(0, 15))
def test_a_spread_of_any_size_is_exact_for_the_numbers_given(seed, n, digits):
    rng = np.random.default_rng(seed)
    network = nn.Sequential([nn.Identity()])
    X = rng.uniform(0.5, 1, 5) + 10.0**-digits * rng.standard_normal((n, 5))
    assert diagnosis.forward_spread(network, ((),), X)[0] == pytest.approx(
        exact_spread(X), rel=1e-12, abs=0
    )


def test_inputs_that_have_become_one_have_no_spread():
    same = np.tile(np.random.default_rng(0).standard_normal(5), (7, 1))
    zero = np.zeros((7, 5))
    for X in (same, zero, same[:1]):
        assert diagnosis.forward_spread(nn.Sequential([nn.Tanh()]), ((),), X).tolist() == [0.0]


def test_signals_around_zero_have_a_spread_of_one_at_any_size():
    X = np.random.default_rng(0).standard_normal((6, 5))
    X -= X.mean(axis=0)
    for size in (1e-200, 1.0, 1e200):
        spread = diagnosis.forward_spread(nn.Sequential([nn.Identity()]), ((),), size * X)
        np.testing.assert_allclose(spread, [1.0], rtol=1e-13)


@pytest.mark.parametrize("seed", range(3))
def test_fifty_standard_layers_make_all_inputs_alike(seed):
    network, params, X, _ = deep(nn.standard, nn.standard_bias, seed=seed)
    spread = diagnosis.forward_spread(network, params, X)
    assert len(spread) == 50
    assert spread[0] > 0.9
    assert 2e-12 < spread[-1] < 1.2e-11
    # Biases keep the norm, so the spread alone tells that the signal is dead.
    assert diagnosis.forward_norms(network, params, X)[-1] > 1


def test_without_biases_the_norm_dies_and_the_spread_stays():
    network, params, X, _ = deep(nn.standard)
    assert diagnosis.forward_norms(network, params, X)[-1] < 1e-8
    assert diagnosis.forward_spread(network, params, X)[-1] > 0.3


# ---- Jacobians


@settings(max_examples=25, deadline=None, derandomize=True)
@given(problems())
def test_the_jacobian_is_the_slope_of_the_output(problem):
    network, params, X, _ = problem
    if has_kink_or_trick(network):
        return
    J = diagnosis.jacobian(network, params, X[0])
    h = 1e-6
    for j in range(X.shape[1]):
        ahead, behind = (network(params, X[:1] + s * np.eye(X.shape[1])[j])[0][0] for s in (h, -h))
        np.testing.assert_allclose(
            J[:, j], (ahead - behind) / (2 * h), atol=1e-7 * max(1, np.abs(J).max())
        )


def has_kink_or_trick(network):
    return any(word in repr(network) for word in ("ReLU", "ScaleGradient", "LayerNorm"))


def test_factors_merge_what_acts_on_single_entries():
    network = every_layer()
    params = network.init(np.random.default_rng(0))
    factors = diagnosis.layer_jacobians(network, params, np.ones(4))
    # Dense·Tanh, Residual, LayerNorm·ReLU·ScaleGradient, Sequential, Dense.
    assert [F.shape for F in factors] == [(4, 4)] * 4 + [(4, 3)]


@pytest.mark.parametrize("start", [nn.gaussian, nn.orthogonal])
def test_the_spectrum_is_that_of_the_jacobian_while_it_can_be_formed(start):
    network, params, X, _ = deep(start, depth=4, width=8)
    J = diagnosis.jacobian(network, params, X[0])
    logs = diagnosis.jacobian_spectrum(network, params, X[0])
    np.testing.assert_allclose(np.exp(logs), np.linalg.svd(J, compute_uv=False), rtol=1e-10)


def test_the_spectrum_of_fifty_layers_reaches_below_what_the_formed_product_can_show():
    network, params, X, _ = deep(nn.gaussian, depth=50, width=12)
    logs = diagnosis.jacobian_spectrum(network, params, X[0])
    with mpmath.workdps(120):
        P = mpmath.eye(12)
        for F in diagnosis.layer_jacobians(network, params, X[0]):
            P = P * mpmath.matrix(F.tolist())
        exact = [float(mpmath.log(s)) for s in mpmath.svd_r(P, compute_uv=False)]
    assert exact[0] - exact[-1] > 40
    np.testing.assert_allclose(logs, exact, atol=1e-9)


def test_a_residual_net_adds_the_identity_to_its_jacobian():
    inner = nn.Sequential([nn.Dense(4, 4), nn.Tanh()])
    params = inner.init(np.random.default_rng(0))
    x = np.ones(4)
    np.testing.assert_allclose(
        diagnosis.jacobian(nn.Residual(inner), params, x),
        np.eye(4) + diagnosis.jacobian(inner, params, x),
        rtol=1e-15,
    )


# ---- gradient check


def test_right_gradients_pass_the_check():
    for seed, loss in ((0, nn.softmax_cross_entropy), (1, nn.mean_squared_error)):
        network, params, X, labels = deep(nn.gaussian, nn.standard_bias, 3, 8, seed)
        target = labels if loss is nn.softmax_cross_entropy else np.eye(10)[labels]
        rng = np.random.default_rng(0)
        error = diagnosis.gradient_check(network, params, X, target, loss, rng=rng)
        assert error < 1e-8


class Wrong:
    """Tanh with the slope Y (1 − Y) of the sigmoid."""

    def init(self, rng):
        return ()

    def __call__(self, params, X):
        Y = np.tanh(X)
        return Y, lambda dY: (dY * Y * (1 - Y), ())


@pytest.mark.parametrize("wrong", [Wrong(), nn.ScaleGradient(1.01), nn.ScaleGradient(-1.0)])
def test_wrong_gradients_fail_the_check(wrong):
    network = nn.Sequential([nn.Dense(4, 5), wrong, nn.Dense(5, 3)])
    X, labels = batch()
    params = network.init(np.random.default_rng(0))
    error = diagnosis.gradient_check(network, params, X, labels, rng=np.random.default_rng(0))
    assert error > 1e-3


def test_a_loss_whose_gradient_is_wrong_fails_the_check():
    def unscaled(prediction, target):
        value, gradient = nn.mean_squared_error(prediction, target)
        return value, gradient * prediction.size / 2

    X, _ = batch()
    network = nn.Dense(4, 3)
    params, target = network.init(np.random.default_rng(0)), np.ones((5, 3))
    rng = np.random.default_rng(0)
    error = diagnosis.gradient_check(network, params, X, target, unscaled, rng=rng)
    assert error == pytest.approx(1 - 2 / 15, abs=1e-6)


def test_a_gain_is_infinite_where_one_end_is_exactly_zero():
    ends = [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1, 1000]]
    assert [diagnosis.decades(norms) for norms in ends] == [-np.inf, np.inf, -np.inf, -3]
