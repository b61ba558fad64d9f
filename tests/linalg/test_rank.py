"""Rank, and its two forms that are not integers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.linalg import effective_rank, haar_orthogonal, low_rank, rank, stable_rank
from tests.linalg.awkward import hilbert, nilpotent, rank_one
from tests.oracles import exact

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 8)
few = settings(max_examples=25, deadline=None, derandomize=True)


def of_rank(r, m, n, rng):
    return rng.standard_normal((m, r)) @ rng.standard_normal((r, n))


@few
@given(seeds, sides, sides, st.integers(0, 8), st.sampled_from([np.float32, np.float64]))
def test_rank_is_numpys_in_either_precision(seed, m, n, r, dtype):
    A = of_rank(min(r, m, n), m, n, np.random.default_rng(seed)).astype(dtype)
    assert rank(A) == np.linalg.matrix_rank(A) == min(r, m, n)
    for tol in (0.0, 0.3, 100.0):
        assert rank(A, tol=tol) == np.linalg.matrix_rank(A, tol=tol)


@pytest.mark.parametrize("shape", [(100, 2), (2, 100)])
def test_the_longer_side_sets_the_tolerance(shape):
    A = np.zeros(shape)
    for small, expected in ((50, 1), (150, 2)):
        A[0, 0], A[1, 1] = 1, small * np.finfo(float).eps
        assert rank(A) == np.linalg.matrix_rank(A) == expected


@few
@given(seeds, sides, sides, sides, sides, sides)
def test_rank_of_a_product_is_at_most_the_least_rank_and_at_least_sylvesters(seed, m, n, k, r, s):
    rng = np.random.default_rng(seed)
    A, B = of_rank(min(r, m, n), m, n, rng), of_rank(min(s, n, k), n, k, rng)
    both = rank(A) + rank(B)
    assert both - n <= rank(A @ B) <= min(rank(A), rank(B))
    assert rank(A.T) == rank(A)


def test_rank_is_no_count_of_eigenvalues():
    assert rank(nilpotent(2)) == 1  # both eigenvalues are 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", range(2, 15))
def test_hilberts_matrix_is_of_full_rank_until_rounding_hides_it(n, dtype):
    A = hilbert(n).astype(dtype)
    sigma = exact.singular_values(A)
    expected = sum(s > n * np.finfo(dtype).eps * sigma[0] for s in sigma)
    assert rank(A) == expected
    assert (expected < n) == (n > {np.float32: 5, np.float64: 10}[dtype])


def test_noise_makes_every_rank_full_unless_the_tolerance_knows_it():
    rng = np.random.default_rng(0)
    A = of_rank(3, 50, 50, rng) + 1e-6 * rng.standard_normal((50, 50))
    assert rank(A) == 50
    assert rank(A, tol=1e-3) == 3


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1.7e308])
def test_rank_has_no_scale(scale):
    assert rank(np.full((3, 3), scale)) == 1
    assert rank(scale * np.eye(3)) == 3
    assert stable_rank(np.full((3, 3), scale)) == pytest.approx(1, rel=1e-14)
    assert effective_rank(scale * np.eye(3)) == pytest.approx(3, rel=1e-14)
    assert rank(scale * np.eye(3), tol=scale) == 0
    assert rank(scale * np.eye(3), tol=0.9 * scale) == 3


@few
@given(seeds, sides, sides)
def test_stable_rank_and_effective_rank_lie_between_one_and_the_rank(seed, m, n):
    A = np.random.default_rng(seed).standard_normal((m, n))
    slack = 1e-12
    assert 1 - slack <= stable_rank(A) <= rank(A) + slack
    assert 1 - slack <= effective_rank(A) <= rank(A) + slack


@few
@given(seeds, st.integers(1, 6), st.lists(st.floats(0.01, 100), min_size=1, max_size=6))
def test_they_depend_on_the_singular_values_only_by_their_formulas(seed, extra, sigma):
    rng = np.random.default_rng(seed)
    k = len(sigma)
    U, V = haar_orthogonal(k + extra, rng)[:, :k], haar_orthogonal(k, rng)
    A = (U * sigma) @ V
    squares = sum(s**2 for s in sigma) / max(sigma) ** 2
    shares = [s / sum(sigma) for s in sigma]
    entropy = -sum(p * math.log(p) for p in shares)
    assert stable_rank(A) == pytest.approx(squares, rel=1e-10)
    assert effective_rank(A) == pytest.approx(math.exp(entropy), rel=1e-10)


def test_equal_singular_values_count_fully_and_a_dominant_one_alone():
    Q = haar_orthogonal(9, np.random.default_rng(1))
    assert stable_rank(Q) == pytest.approx(9, rel=1e-13)
    assert effective_rank(Q) == pytest.approx(9, rel=1e-13)
    assert effective_rank(rank_one(5, 4)) == pytest.approx(1, rel=1e-12)
    assert stable_rank(rank_one(5, 4)) == pytest.approx(1, rel=1e-12)


def test_a_small_change_may_change_rank_by_many_but_stable_rank_by_little():
    rng = np.random.default_rng(2)
    A = np.outer(rng.standard_normal(20), rng.standard_normal(20))
    B = A + 1e-9 * rng.standard_normal((20, 20))
    assert (rank(A), rank(B)) == (1, 20)
    assert stable_rank(B) == pytest.approx(stable_rank(A), abs=1e-12)
    assert effective_rank(B) == pytest.approx(1, abs=1e-6)


def test_the_zero_matrix_has_rank_zero_in_every_sense():
    Z = np.zeros((3, 4))
    assert (rank(Z), stable_rank(Z), effective_rank(Z)) == (0, 0.0, 0.0)


def test_a_large_matrix_is_measured_like_a_small_one():
    A = np.random.default_rng(3).standard_normal((450, 450))
    sigma = np.linalg.svd(A, compute_uv=False)
    assert stable_rank(A) == pytest.approx((sigma**2).sum() / sigma[0] ** 2, rel=1e-11)
    assert rank(np.hstack(low_rank(A, 7)[:1])) == 7
