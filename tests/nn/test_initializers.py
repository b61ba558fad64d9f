from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from matnn_lib.nn import initializers

D_IN, D_OUT = 300, 200


def uniform(variance):
    limit = np.sqrt(3 * variance)
    return stats.uniform(-limit, 2 * limit)


def normal(variance):
    return stats.norm(0, np.sqrt(variance))


LAWS = {
    "standard": uniform(1 / (3 * D_IN)),
    "gaussian": normal(1 / D_IN),
    "glorot": uniform(2 / (D_IN + D_OUT)),
    "he": normal(2 / D_IN),
    "lecun": uniform(1 / D_IN),
}


@pytest.mark.parametrize("gain", [1.0, 0.8, 2.0])
@pytest.mark.parametrize("name", LAWS)
def test_entries_follow_the_published_law(name, gain):
    W = getattr(initializers, name)(np.random.default_rng(5), D_IN, D_OUT, gain=gain)
    assert W.shape == (D_IN, D_OUT)
    # 60,000 entries: a variance 3 % off gives p < 1e-3.
    assert stats.kstest(W.ravel() / gain, LAWS[name].cdf).pvalue > 0.01
    deviations = (np.var(W) / gain**2 / LAWS[name].var() - 1) / np.sqrt(2 / W.size)
    assert abs(deviations) < 4
    assert abs(np.corrcoef(W[:-1].ravel(), W[1:].ravel())[0, 1]) < 0.02


def test_standard_bias_follows_the_law_of_the_weights():
    b = initializers.standard_bias(np.random.default_rng(0), 25, 50_000)
    assert b.shape == (50_000,)
    assert stats.kstest(b, uniform(1 / (3 * 25)).cdf).pvalue > 0.01


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12), st.floats(0.1, 3))
def test_all_singular_values_of_an_orthogonal_start_are_its_gain(seed, d_in, d_out, gain):
    W = initializers.orthogonal(np.random.default_rng(seed), d_in, d_out, gain=gain)
    assert W.shape == (d_in, d_out)
    np.testing.assert_allclose(np.linalg.svd(W, compute_uv=False), gain, rtol=1e-12)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2)])
def test_orthogonal_starts_point_in_no_direction(shape):
    rng = np.random.default_rng(0)
    draws = np.array([initializers.orthogonal(rng, *shape) for _ in range(4000)])
    # Every entry of a Haar-distributed matrix of size n has mean 0 and variance 1/n.
    n = max(shape)
    assert np.abs(draws.mean(axis=0)).max() < 5 / np.sqrt(4000 * n)
    np.testing.assert_allclose(draws.var(axis=0), 1 / n, rtol=0.15)


@pytest.mark.parametrize("depth", [1, 50, 1000])
def test_near_critical_gain_squared_is_one_plus_one_over_the_root_of_the_depth(depth):
    draw = partial(initializers.near_critical, depth=depth)
    W = draw(np.random.default_rng(1), 6, 6)
    np.testing.assert_allclose(W @ W.T, (1 + depth**-0.5) * np.eye(6), atol=1e-13)


def test_zeros_draws_nothing():
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    np.testing.assert_array_equal(initializers.zeros(rng, 3, 5), np.zeros(5))
    assert rng.bit_generator.state == state
