from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib import nn

from .nets import ACTIVATIONS, batch, every_layer, problems, read_only, single

LAYERS = [*ACTIVATIONS, nn.ScaleGradient(0.3), nn.LayerNorm(4), nn.Dense(4, 4), every_layer()]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems(), st.integers(0, 1000))
def test_pullback_is_linear_and_can_be_called_again(problem, seed):
    network, params, X, _ = problem
    Y, pullback = network(params, X)
    rng = np.random.default_rng(seed)
    A, B = rng.standard_normal((2, *Y.shape))
    both = pullback(2 * A + B)
    apart = nn.tree_map(lambda a, b: 2 * a + b, pullback(A), pullback(B))
    again = pullback(2 * A + B)
    for one, two, three in zip(*map(nn.tree_leaves, (both, apart, again)), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-10, atol=1e-10)
        np.testing.assert_array_equal(one, three)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems())
def test_every_example_of_a_batch_is_treated_as_if_it_were_alone(problem):
    network, params, X, _ = problem
    Y, pullback = network(params, X)
    dX, _ = pullback(Y)
    for i in range(len(X)):
        y, alone = network(params, X[i : i + 1])
        np.testing.assert_allclose(Y[i], y[0], rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(dX[i], alone(Y[i : i + 1])[0][0], rtol=1e-9, atol=1e-12)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems())
def test_gradients_have_the_form_of_the_params_and_arguments_stay_as_they_are(problem):
    network, params, X, _ = problem
    params, X = read_only(params), read_only(X)
    Y, pullback = network(params, X)
    kept = Y.copy()
    dX, gradients = pullback(read_only(np.ones_like(Y)))
    nn.tree_map(lambda w, g: None, params, gradients)
    assert dX.shape == X.shape
    np.testing.assert_array_equal(Y, kept)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems())
def test_float32_is_kept_forward_and_back(problem):
    network, params, X, _ = problem
    Y, pullback = network(single(params), single(X))
    dX, gradients = pullback(np.ones_like(Y))
    found = [Y, dX, *nn.tree_leaves(gradients)]
    assert {a.dtype for a in found} == {np.dtype(np.float32)}
    assert all(np.isfinite(a).all() for a in found)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_layers_survive_pickling(layer):
    again = pickle.loads(pickle.dumps(layer))
    assert again == layer
    X, _ = batch()
    params = layer.init(np.random.default_rng(0))
    np.testing.assert_array_equal(layer(params, X)[0], again(params, X)[0])


def test_init_is_the_same_for_the_same_seed_and_draws_layers_in_order():
    network = every_layer()
    a, b = (network.init(np.random.default_rng(3)) for _ in range(2))
    nn.tree_map(np.testing.assert_array_equal, a, b)
    first = network.layers[0].init(np.random.default_rng(3))
    nn.tree_map(np.testing.assert_array_equal, a[0], first)


def test_dense_weights_and_biases_come_from_their_own_initializers():
    layer = nn.Dense(50, 40, nn.orthogonal, nn.standard_bias)
    W, b = layer.init(np.random.default_rng(0))
    np.testing.assert_allclose(W.T @ W, np.eye(40), atol=1e-13)
    assert b.shape == (40,)
    assert 0 < np.abs(b).max() <= 1 / np.sqrt(50)
    assert not nn.Dense(50, 40).init(np.random.default_rng(0))[1].any()


def test_mlp_bends_after_every_dense_layer_but_the_last():
    network = nn.mlp([5, 4, 3], nn.ReLU(), nn.he, nn.standard_bias)
    dense = (nn.Dense(5, 4, nn.he, nn.standard_bias), nn.Dense(4, 3, nn.he, nn.standard_bias))
    assert network.layers == (dense[0], nn.ReLU(), dense[1])


def test_saturated_sigmoid_keeps_the_digits_of_its_value_and_slope():
    X = np.array([[-700.0, -40.0, 40.0, 700.0]])
    Y, pullback = nn.Sigmoid()((), X)
    slope, _ = pullback(np.ones_like(X))
    tail = np.exp([-700.0, -40.0, -40.0, -700.0])
    np.testing.assert_allclose(slope[0], tail, rtol=1e-15)
    np.testing.assert_allclose(Y[0], [tail[0], tail[1], 1, 1], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_saturated_tanh_keeps_the_digits_of_its_slope(dtype):
    # 1 / cosh², as mpmath has it.
    slopes = {10: 8.24461445576739843e-9, 20: 1.69934170211663555e-17, 40: 7.21940555138166e-35}
    X = np.array([[x for size in slopes for x in (size, -size)] + [0.5]], dtype)
    _, pullback = nn.Tanh()((), X)
    dX, _ = pullback(np.ones_like(X))
    assert dX.dtype == dtype
    expected = [*np.repeat(list(slopes.values()), 2), 1 - np.tanh(0.5) ** 2]
    np.testing.assert_allclose(dX[0], expected, rtol=4 * np.finfo(dtype).eps)


def test_tanh_of_no_examples_is_empty():
    Y, pullback = nn.Tanh()((), np.empty((0, 3)))
    assert Y.shape == pullback(Y)[0].shape == (0, 3)


def test_slope_of_the_sigmoid_is_at_most_a_quarter_and_of_tanh_at_most_one():
    X = np.linspace(-5, 5, 1001)[np.newaxis]
    slopes = [layer((), X)[1](np.ones_like(X))[0] for layer in (nn.Sigmoid(), nn.Tanh())]
    assert (slopes[0].max(), slopes[1].max()) == (0.25, 1.0)
    assert slopes[0].argmax() == slopes[1].argmax() == 500


def test_relu_is_flat_at_zero():
    Y, pullback = nn.ReLU()((), np.array([[-1.0, 0.0, 2.0]]))
    assert Y.tolist() == [[0, 0, 2]]
    assert pullback(np.ones((1, 3)))[0].tolist() == [[0, 0, 1]]


def test_scale_gradient_is_the_identity_forward():
    X, _ = batch()
    Y, pullback = nn.ScaleGradient(0.25)((), X)
    np.testing.assert_array_equal(Y, X)
    np.testing.assert_array_equal(pullback(X)[0], 0.25 * X)


def test_layer_norm_gives_rows_of_mean_0_and_variance_1_whatever_their_scale():
    layer = nn.LayerNorm(50)
    X = 1e3 * np.random.default_rng(0).standard_normal((4, 50)) + 1e4
    Y, _ = layer(layer.init(np.random.default_rng(0)), X)
    np.testing.assert_allclose(Y.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(Y.var(axis=1), 1, rtol=1e-9)


def test_residual_around_a_dead_layer_is_the_identity_both_ways():
    X, _ = batch()
    inner = nn.Dense(4, 4)
    params = (np.zeros((4, 4)), np.zeros(4))
    Y, pullback = nn.Residual(inner)(params, X)
    np.testing.assert_array_equal(Y, X)
    np.testing.assert_array_equal(pullback(X)[0], X)


@pytest.mark.parametrize("layer", [*ACTIVATIONS, nn.ScaleGradient(0.5)], ids=str)
@pytest.mark.parametrize("dtype", [np.int64, np.bool_])
def test_integers_become_float64(layer, dtype):
    X = np.array([[1, 0], [0, 1]], dtype)
    Y, _ = layer((), X)
    assert Y.dtype == np.float64
    np.testing.assert_array_equal(Y, layer((), X.astype(float))[0])
