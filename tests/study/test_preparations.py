"""Preparations change what they say and nothing else."""

import numpy as np
import pytest

from matnn_lib.study import starts
from matnn_lib.study.preparations import similar


def params_of(seed):
    return starts.DEAD.network((12, 8, 8, 8, 5)).init(np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(3))
def test_similar_matrices_share_eigenvalues_and_rank_and_biases_stay(seed):
    before = params_of(seed)
    after = similar(before, 10.0, seed)
    for old, new in zip(before, after, strict=True):
        if not old:
            assert new == ()
            continue
        np.testing.assert_array_equal(old[1], new[1])
        if old[0].shape == (8, 8):
            characteristic = [np.poly(W) for W in (old[0], new[0])]
            np.testing.assert_allclose(*characteristic, atol=1e-12)
            assert not np.allclose(
                *[np.linalg.svd(W, compute_uv=False) for W in (old[0], new[0])], rtol=1e-2
            )
        else:
            np.testing.assert_array_equal(old[0], new[0])


def test_a_ratio_of_one_changes_nothing_and_each_layer_has_an_order_of_its_own():
    before = params_of(0)
    for old, new in zip(before, similar(before, 1.0), strict=True):
        for a, b in zip(old, new, strict=True):
            np.testing.assert_array_equal(a, b)
    factors = [
        new[0] / old[0] for old, new in zip(before, similar(before, 9.0), strict=True) if old
    ]
    assert not np.allclose(factors[1], factors[2])
    assert factors[1].max() == pytest.approx(9.0)


@pytest.mark.parametrize("ratio", [0.5, np.nan, "10", -1])
def test_a_ratio_below_one_or_no_number_is_refused(ratio):
    with pytest.raises((TypeError, ValueError), match="ratio"):
        similar(params_of(0), ratio)
