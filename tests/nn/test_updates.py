from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib import nn

from .nets import every_layer, read_only, single

UPDATES = {
    "sgd": nn.sgd(),
    "momentum": nn.momentum(0.8),
    "sign_sgd": nn.sign_sgd(),
    "adam": nn.adam(),
    "decay": nn.weight_decay(0.1),
    "chain": nn.chain(nn.momentum(), nn.weight_decay(0.1)),
}


def run(update, gradients, rate=0.1, start=None):
    """Feed a sequence of gradients of one matrix; return the matrix after each."""
    W = np.zeros_like(gradients[0]) if start is None else start
    params, path = (W,), []
    state = update.init(params)
    for G in gradients:
        params, state = update.step(params, (G,), state, rate)
        path.append(params[0])
    return path


def sequence(seed, steps=6):
    return np.random.default_rng(seed).standard_normal((steps, 2, 3))


seeds = st.integers(0, 2**32 - 1)
quick = settings(max_examples=20, deadline=None, derandomize=True)


@quick
@given(seeds)
def test_sgd_adds_up_the_gradients(seed):
    G = sequence(seed)
    np.testing.assert_allclose(run(nn.sgd(), G)[-1], -0.1 * G.sum(axis=0), atol=1e-14)


@pytest.mark.parametrize("name", ["sgd", "momentum", "sign_sgd", "adam", "chain"])
def test_integers_move_as_the_same_floats_do(name):
    G = np.array([[[3, -2], [0, 7]]] * 3)
    whole, real = (run(UPDATES[name], gradients, 0.25) for gradients in (G, G.astype(float)))
    for one, other in zip(whole, real, strict=True):
        np.testing.assert_array_equal(one, other)


@quick
@given(seeds, st.floats(0, 0.99))
def test_momentum_weighs_each_gradient_by_its_geometric_series(seed, beta):
    G = sequence(seed)
    # The gradient of step k has acted n − k times, each time beta times weaker.
    weights = [sum(beta**i for i in range(len(G) - k)) for k in range(len(G))]
    expected = -0.1 * np.tensordot(weights, G, axes=1)
    np.testing.assert_allclose(run(nn.momentum(beta), G)[-1], expected, atol=1e-13)


@quick
@given(seeds)
def test_sign_steps_are_blind_to_the_size_of_gradients(seed):
    G = sequence(seed)
    for scale in (1.0, 1e-300):
        path = run(nn.sign_sgd(), scale * G)
        np.testing.assert_allclose(path[-1], -0.1 * np.sign(G).sum(axis=0), atol=1e-14)


@quick
@given(seeds, st.floats(0, 0.95), st.floats(0, 0.999))
def test_adam_divides_the_weighted_mean_by_the_weighted_root_mean_square(seed, beta1, beta2):
    G = sequence(seed)
    path = run(nn.adam(beta1, beta2, epsilon=1e-3), G)
    before = np.zeros_like(G[0])
    for t in range(1, len(G) + 1):
        w1, w2 = (beta ** np.arange(t)[::-1] for beta in (beta1, beta2))
        mean = np.average(G[:t], axis=0, weights=w1)
        mean_square = np.average(G[:t] ** 2, axis=0, weights=w2)
        expected = before - 0.1 * mean / (np.sqrt(mean_square) + 1e-3)
        np.testing.assert_allclose(path[t - 1], expected, rtol=1e-9, atol=1e-12)
        before = path[t - 1]


def test_adam_of_a_constant_gradient_steps_by_the_rate_whatever_its_size():
    for size in (1.0, 1e-6, 1e6):
        path = run(nn.adam(epsilon=1e-30), [np.full((1, 1), size)] * 5)
        np.testing.assert_allclose(np.ravel(path), [-0.1, -0.2, -0.3, -0.4, -0.5], rtol=1e-12)


def test_adams_published_epsilon_hides_a_vanished_gradient():
    path = run(nn.adam(), [np.full((1, 1), 1e-14)])
    assert 0 < -path[0].item() < 1e-6


@quick
@given(seeds)
def test_weight_decay_shrinks_matrices_by_a_factor_and_leaves_biases(seed):
    rng = np.random.default_rng(seed)
    params = ((rng.standard_normal((3, 2)), rng.standard_normal(2)), ())
    update = nn.weight_decay(0.5)
    state = update.init(params)
    (W, b), none = update.step(params, params, state, 0.1)[0]
    np.testing.assert_allclose(W, 0.95 * params[0][0], rtol=1e-15)
    np.testing.assert_array_equal(b, params[0][1])
    assert none == ()


def test_chain_hands_on_params_and_shows_all_the_same_gradients():
    W, G = np.array([[4.0]]), np.array([[1.0]])
    assert run(nn.chain(nn.sgd(), nn.weight_decay(0.5)), [G], 1.0, W)[0] == 0.5 * (4 - 1)
    assert run(nn.chain(nn.weight_decay(0.5), nn.sgd()), [G], 1.0, W)[0] == 0.5 * 4 - 1
    assert run(nn.chain(nn.sgd(), nn.sgd()), [G], 1.0, W)[0] == 4 - 2


@pytest.mark.parametrize("name", UPDATES)
def test_updates_keep_form_and_float32_write_to_nothing_and_survive_pickling(name):
    update = pickle.loads(pickle.dumps(UPDATES[name]))
    params = single(every_layer().init(np.random.default_rng(0)))
    gradients = nn.tree_map(np.ones_like, params)
    state = update.init(read_only(params))
    for _ in range(2):
        params, state = update.step(
            read_only(params), read_only(gradients), lock_arrays(state), np.float64(0.1)
        )
    nn.tree_map(lambda w, g: None, params, gradients)
    assert {w.dtype for w in nn.tree_leaves(params)} == {np.dtype(np.float32)}


def lock_arrays(state):
    """As `read_only`, for a state, in which there may be numbers beside the arrays."""
    if isinstance(state, tuple):
        return tuple(lock_arrays(part) for part in state)
    return read_only(state) if isinstance(state, np.ndarray) else state


def test_weight_decay_returns_new_arrays_for_biases_as_well():
    params = (np.ones((2, 2)), np.ones(2))
    stepped, _ = nn.weight_decay(0.1).step(params, params, (), 0.1)
    assert not any(np.shares_memory(new, old) for new, old in zip(stepped, params, strict=True))


@pytest.mark.parametrize("name", ["sgd", "momentum", "sign_sgd", "adam", "chain"])
def test_an_array_without_axes_moves_as_the_entry_of_a_vector_does_and_stays_an_array(name):
    update = UPDATES[name]
    number, vector = np.array(3.0), np.array([3.0])
    alone, one = (run(update, [w, -w, w], start=w) for w in (number, vector))
    for x, y in zip(alone, one, strict=True):
        assert isinstance(x, np.ndarray)
        assert x.shape == ()
        assert x == y[0]
