from __future__ import annotations

import numpy as np
import pytest

from matnn_lib import nn
from matnn_lib.nn.moving import Finite, all_finite, move_all, unmarked

PARAMS = ((np.ones((2, 2)), np.ones(2)), (), (np.ones(3),))


def moved_to(value, place):
    """Move so that the array at this place, in reading order, has `value` as its last entry."""
    arrays = iter(range(3))

    def move(W, G, S):
        W = W.copy()
        if next(arrays) == place:
            W.flat[-1] = value
        return W, S

    return move_all(move, PARAMS, PARAMS, PARAMS)[0]


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_one_entry_that_is_not_finite_is_found_wherever_it_stands(value, place):
    params = moved_to(value, place)
    assert not isinstance(params, Finite)
    assert not all_finite(params)


@pytest.mark.parametrize("value", [0.0, 1e300, -1e300])
def test_params_are_marked_as_finite_even_if_their_squares_overflow(value):
    params = moved_to(value, 1)
    assert isinstance(params, Finite)
    assert all_finite(params)
    assert all_finite(unmarked(params))
    assert type(unmarked(params)) is tuple


@pytest.mark.parametrize("update", [nn.sgd(), nn.momentum(), nn.sign_sgd(), nn.adam()])
def test_every_update_that_moves_all_arrays_says_whether_they_are_finite(update):
    gradients = nn.tree_map(np.ones_like, PARAMS)
    state = update.init(PARAMS)
    assert isinstance(update.step(PARAMS, gradients, state, 0.1)[0], Finite)
    infinite = nn.tree_map(lambda w: w * np.inf, gradients)
    with np.errstate(all="ignore"):
        assert all_finite(update.step(PARAMS, infinite, state, 0.1)[0]) == (update == nn.sign_sgd())


def in_place(params, gradients, state, rate):
    """Break the rule that arguments stay as they are, as a first attempt of one's own might."""
    for W in nn.tree_leaves(params):
        W[...] = np.nan
    return params, state


def test_a_mark_does_not_outlive_an_update_that_writes_into_its_arguments():
    spoiling = nn.Update(lambda params: (), in_place)
    for update in (nn.chain(nn.momentum(), spoiling), nn.chain(spoiling, nn.weight_decay(0.1))):
        start = nn.tree_map(np.copy, PARAMS)
        assert not all_finite(update.step(start, PARAMS, update.init(start), 0.1)[0])
    network = nn.Dense(2, 1)
    data = np.ones((4, 2)), np.ones((4, 1))
    with pytest.warns(nn.DivergenceWarning, match="step 0 .*makes a parameter infinite or NaN"):
        nn.train(
            network, network.init(np.random.default_rng(0)), data, nn.mean_squared_error,
            nn.chain(nn.momentum(), spoiling), nn.constant(0.1),
            epochs=1, batch_size=4, rng=np.random.default_rng(0),
        )  # fmt: skip


def test_a_callback_gets_a_plain_tuple():
    network = nn.Dense(2, 1)
    seen = []
    nn.train(
        network, network.init(np.random.default_rng(0)), (np.ones((4, 2)), np.ones((4, 1))),
        nn.mean_squared_error, nn.momentum(), nn.constant(0.1), epochs=2, batch_size=2,
        rng=np.random.default_rng(0), on_step=lambda step, loss, params: seen.append(type(params)),
    )  # fmt: skip
    assert seen == [tuple] * 4
