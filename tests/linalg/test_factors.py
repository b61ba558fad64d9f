"""Best low-rank factors, the nearest orthogonal matrix, and the same by products alone."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.linalg import CUBIC, MUON, haar_orthogonal, low_rank, newton_schulz, polar_factor

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None, derandomize=True)
shapes = given(seeds, st.integers(1, 8), st.integers(1, 8))


@few
@shapes
def test_eckart_young_no_other_factors_of_that_rank_come_nearer(seed, m, n):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((m, n))
    sigma = np.append(scipy.linalg.svdvals(A), 0)
    for r in range(1, min(m, n) + 1):
        L, R = low_rank(A, r)
        error = A - L @ R
        np.testing.assert_allclose(np.linalg.norm(error, 2), sigma[r], rtol=1e-9, atol=1e-13)
        best = np.linalg.norm(sigma[r:])
        np.testing.assert_allclose(np.linalg.norm(error), best, rtol=1e-9, atol=1e-13)
        for _ in range(5):
            other = (L + 0.1 * rng.standard_normal(L.shape)) @ (
                R + 0.1 * rng.standard_normal(R.shape)
            )
            assert np.linalg.norm(A - other) >= best - 1e-13


@few
@shapes
def test_the_two_factors_share_the_roots_of_the_singular_values(seed, m, n):
    A = np.random.default_rng(seed).standard_normal((m, n))
    r = (min(m, n) + 1) // 2
    L, R = low_rank(A, r)
    expected = np.diag(scipy.linalg.svdvals(A)[:r])
    np.testing.assert_allclose(L.T @ L, expected, atol=1e-12)
    np.testing.assert_allclose(R @ R.T, expected, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 3e-200, 1e200, 2.0**1020])
def test_the_scale_is_shared_too(scale):
    A = np.random.default_rng(0).standard_normal((4, 3))
    L, R = low_rank(A * scale, 2)
    L1, R1 = low_rank(A, 2)
    np.testing.assert_allclose(np.abs(L) / scale**0.5, np.abs(L1), rtol=1e-12)
    np.testing.assert_allclose(np.abs(R) / scale**0.5, np.abs(R1), rtol=1e-12)


@few
@shapes
def test_the_polar_factor_is_scipys_and_nearest_of_all_orthogonal_matrices(seed, m, n):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((m, n))
    Q = polar_factor(A)
    side = "right" if m >= n else "left"
    np.testing.assert_allclose(Q, scipy.linalg.polar(A, side)[0], atol=1e-9)
    for _ in range(5):
        G = rng.standard_normal((max(m, n), min(m, n)))
        other = np.linalg.qr(G)[0]
        other = other if m >= n else other.T
        assert np.linalg.norm(A - Q) <= np.linalg.norm(A - other) + 1e-12


def test_what_is_orthogonal_is_its_own_polar_factor_at_any_scale():
    Q = haar_orthogonal(5, np.random.default_rng(0))
    for scale in (1.0, 1e200, 1e-200):
        np.testing.assert_allclose(polar_factor(Q * scale), Q, atol=1e-14)


@few
@shapes
def test_cubic_newton_schulz_converges_to_the_polar_factor(seed, m, n):
    A = np.random.default_rng(seed).standard_normal((m, n))
    condition = np.linalg.cond(A)
    Q = newton_schulz(A, steps=40)
    if condition < 1e4:
        np.testing.assert_allclose(Q, polar_factor(A), atol=1e-13 * condition + 1e-13)


@pytest.mark.parametrize("coefficients", [CUBIC, MUON, (2.0, -1.5, 0.5)])
@pytest.mark.parametrize("shape", [(5, 5), (3, 6), (6, 3)])
def test_each_singular_value_moves_by_the_polynomial(coefficients, shape):
    A = np.random.default_rng(2).standard_normal(shape)
    U, x, Vt = np.linalg.svd(A, full_matrices=False)
    x = x / np.linalg.norm(x)
    a, b, c = coefficients
    for steps in range(1, 6):
        x = a * x + b * x**3 + c * x**5
        result = newton_schulz(A, steps=steps, coefficients=coefficients)
        np.testing.assert_allclose(result, (U * x) @ Vt, atol=1e-13)


def test_the_coefficients_are_the_published_ones():
    assert CUBIC == (1.5, -0.5, 0.0)
    assert MUON == (3.4445, -4.7750, 2.0315)


def test_muon_brings_gaussian_singular_values_near_one_but_not_to_it():
    smallest, largest, converged = [], [], []
    for seed in range(20):
        A = np.random.default_rng(seed).standard_normal((64, 64))
        sigma = scipy.linalg.svdvals(newton_schulz(A, steps=5, coefficients=MUON))
        smallest.append(sigma[-1])
        largest.append(sigma[0])
        converged.append(scipy.linalg.svdvals(newton_schulz(A))[-1])
    assert np.median(smallest) == pytest.approx(0.57, abs=0.03)
    assert max(largest) == pytest.approx(1.20, abs=0.01)
    assert min(converged) > 1 - 1e-12  # the default: CUBIC, 30 steps


def test_zero_stays_zero_and_scale_does_not_matter():
    assert not newton_schulz(np.zeros((2, 3))).any()
    A = np.random.default_rng(0).standard_normal((4, 4))
    for scale in (2.0**600, 2.0**-600):
        assert np.array_equal(newton_schulz(A * scale, steps=5), newton_schulz(A, steps=5))


def test_coefficients_that_diverge_are_named():
    with pytest.raises(ValueError, match=r"^coefficients \(9\.0, 9\.0, 9\.0\) make the iteration"):
        newton_schulz(np.eye(2), coefficients=(9.0, 9.0, 9.0))
    with pytest.raises(ValueError, match=r"^coefficients must be three numbers, but there are 4$"):
        newton_schulz(np.eye(2), coefficients=(1.0, 2.0, 3.0, 4.0))
