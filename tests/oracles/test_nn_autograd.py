"""Every gradient of matnn_lib.nn against HIPS autograd, which differentiates plain formulas.

The formulas are written a second time here, by dispatch on the layer's type, so that nothing of
the library's own arithmetic is used but the parameters.
"""

from __future__ import annotations

import autograd.numpy as anp
import numpy as np
from autograd import grad, jacobian
from autograd.extend import defvjp, primitive
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib import nn
from matnn_lib.nn import diagnosis
from tests.nn.nets import every_layer, problems, random_bias


@primitive
def scaled(X, factor):
    return X


defvjp(scaled, lambda answer, X, factor: lambda g: g * factor, None)


def normalised(layer, params, X):
    gain, offset = params
    mean = anp.mean(X, axis=1, keepdims=True)
    variance = anp.mean((X - mean) ** 2, axis=1, keepdims=True)
    return (X - mean) / anp.sqrt(variance + layer.epsilon) * gain + offset


FORMULAS = {
    nn.Dense: lambda layer, params, X: anp.dot(X, params[0]) + params[1],
    nn.Tanh: lambda layer, params, X: anp.tanh(X),
    nn.Sigmoid: lambda layer, params, X: 1 / (1 + anp.exp(-X)),
    nn.ReLU: lambda layer, params, X: X * (X > 0),
    nn.Identity: lambda layer, params, X: X,
    nn.ScaleGradient: lambda layer, params, X: scaled(X, layer.factor),
    nn.LayerNorm: normalised,
    nn.Residual: lambda layer, params, X: X + formula(layer.layer, params, X),
}


def formula(layer, params, X):
    if isinstance(layer, nn.Sequential):
        for each, own in zip(layer.layers, params, strict=True):
            X = formula(each, own, X)
        return X
    return FORMULAS[type(layer)](layer, params, X)


def cross_entropy(logits, labels):
    peak = anp.max(logits, axis=1, keepdims=True)
    log_sum = peak[:, 0] + anp.log(anp.sum(anp.exp(logits - peak), axis=1))
    return anp.mean(log_sum - logits[np.arange(len(labels)), labels])


def assert_agree(ours, theirs):
    """To 1e-10 of the largest entry of the whole gradient."""
    a = np.concatenate([np.ravel(g) for g in nn.tree_leaves(ours)])
    b = np.concatenate([np.ravel(g) for g in nn.tree_leaves(theirs)])
    assert a.shape == b.shape
    assert np.abs(a - b).max() <= 1e-10 * np.abs(b).max()


def gradients(network, params, X, target, loss):
    output, pullback = network(params, X)
    dX, dparams = pullback(loss(output, target)[1])
    return output, (dparams, dX)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(problems())
def test_backpropagation_through_any_nesting_is_the_gradient_of_the_squared_error(problem):
    network, params, X, target = problem
    output, ours = gradients(network, params, X, target, nn.mean_squared_error)
    np.testing.assert_allclose(output, formula(network, params, X), rtol=1e-12, atol=1e-13)

    def objective(point):
        return anp.mean((formula(network, *point) - target) ** 2)

    assert_agree(ours, grad(objective)((params, X)))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(problems(classes=True))
def test_backpropagation_through_any_nesting_is_the_gradient_of_the_cross_entropy(problem):
    network, params, X, labels = problem
    output, ours = gradients(network, params, X, labels, nn.softmax_cross_entropy)
    value = nn.softmax_cross_entropy(output, labels)[0]

    def objective(point):
        return cross_entropy(formula(network, *point), labels)

    assert abs(value - objective((params, X))) <= 1e-12 * max(1, value)
    assert_agree(ours, grad(objective)((params, X)))


def test_every_kind_of_layer_has_a_formula_and_agrees():
    network = every_layer()
    rng = np.random.default_rng(1)
    params, X, labels = network.init(rng), rng.standard_normal((5, 4)), rng.integers(0, 3, 5)
    _, ours = gradients(network, params, X, labels, nn.softmax_cross_entropy)
    theirs = grad(lambda point: cross_entropy(formula(network, *point), labels))((params, X))
    assert_agree(ours, theirs)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["Tanh", "Sigmoid"]), st.integers(1, 10))
def test_gradients_through_saturated_units_keep_their_digits(seed, activation, size):
    rng = np.random.default_rng(seed)
    dense = nn.Dense(2, 2, nn.gaussian, random_bias)
    network = nn.Sequential([dense, getattr(nn, activation)()] * 2)
    params = nn.tree_map(lambda w: size * w, network.init(rng))
    X = 3 * rng.standard_normal((1, 2))
    _, ours = gradients(network, params, X, np.zeros((1, 2)), nn.mean_squared_error)
    theirs = grad(lambda point: anp.mean(formula(network, *point) ** 2))((params, X))
    assert_agree(ours, theirs)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(problems())
def test_jacobian_and_the_product_of_its_factors_are_autograds_jacobian(problem):
    network, params, X, _ = problem
    x = X[0]
    J = diagnosis.jacobian(network, params, x)
    theirs = jacobian(lambda v: formula(network, params, v[np.newaxis])[0])(x)
    assert J.shape == theirs.shape
    scale = max(np.abs(theirs).max(), 1e-300)
    assert np.abs(J - theirs).max() <= 1e-10 * scale
    product = np.eye(len(x))
    for F in diagnosis.layer_jacobians(network, params, x):
        product = product @ F
    assert np.abs(product.T - theirs).max() <= 1e-10 * scale


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_the_traced_signals_gradient_is_autograds_gradient_at_each_hidden_layer(seed, depth):
    rng = np.random.default_rng(seed)
    network = nn.mlp([5] * (depth + 1) + [3], nn.Tanh(), nn.gaussian)
    params, X, labels = network.init(rng), rng.standard_normal((4, 5)), rng.integers(0, 3, 4)
    trace = diagnosis.trace(network, params, X, labels)
    for i, H, B in zip(
        diagnosis.hidden_indices(network), trace.hidden, trace.backward, strict=True
    ):
        head = nn.Sequential(network.layers[: i + 1])
        rest = nn.Sequential(network.layers[i + 1 :])
        np.testing.assert_allclose(H, formula(head, params[: i + 1], X), rtol=1e-12, atol=1e-14)
        after = params[i + 1 :]
        theirs = grad(
            lambda h, rest=rest, after=after: cross_entropy(formula(rest, after, h), labels)
        )(H)
        assert_agree(B, theirs)
