"""Powers of matrices, of singular values, and inverse roots."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.linalg import (
    haar_orthogonal,
    inverse_root,
    matrix_power,
    polar_factor,
    rank,
    spectrum_power,
)
from tests.linalg.awkward import nilpotent

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None, derandomize=True)


@few
@given(seeds, st.integers(1, 6), st.integers(-9, 40))
def test_integer_powers_agree_with_numpy(seed, n, k):
    A = np.random.default_rng(seed).standard_normal((n, n)) + 2 * np.eye(n)
    expected = np.linalg.matrix_power(A, k)
    condition = np.linalg.cond(A) ** (abs(k) if k < 0 else 0)
    size = np.abs(expected).max() * max(condition, 10)
    np.testing.assert_allclose(matrix_power(A, k), expected, atol=1e-13 * size)


@few
@given(seeds, st.integers(1, 5), st.integers(-3, 5), st.integers(-3, 5))
def test_exponents_of_the_same_matrix_add(seed, n, j, k):
    A = haar_orthogonal(n, np.random.default_rng(seed)) * 1.5
    np.testing.assert_allclose(
        matrix_power(A, j) @ matrix_power(A, k), matrix_power(A, j + k), atol=1e-12
    )


def test_the_zeroth_power_is_the_identity_even_of_zero():
    assert np.array_equal(matrix_power(np.zeros((3, 3)), 0), np.eye(3))
    assert matrix_power([[2.0]], 0).tolist() == [[1.0]]


def test_powers_of_integers_are_exact():
    fibonacci = [0, 1]
    while len(fibonacci) < 80:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    assert matrix_power([[1, 1], [1, 0]], 78)[0, 1] == fibonacci[78]
    assert matrix_power([[1, 1], [1, 0]], -5).tolist() == [[-3.0, 5.0], [5.0, -8.0]]


def test_a_power_that_overflows_on_its_way_says_so():
    huge = 1e200 * nilpotent(3)
    assert matrix_power(huge, 1)[0, 1] == 1e200
    for k in (2, 3, 10**5000):  # the third is zero, but the second is not to be had
        with pytest.raises(ValueError, match=r"^A to the power .* overflows float64, whose lar"):
            matrix_power(huge, k)
    with pytest.raises(ValueError, match=r"^A to the power -2 overflows"):
        matrix_power([[1e-200]], -2)
    with pytest.raises(ValueError, match=r"^A to the power -1 overflows"):
        matrix_power([[1e-310]], -1)
    with pytest.raises(
        ValueError, match=r"^A to the power 200 overflows float32, .* is 3\.4e\+38,"
    ):
        matrix_power(np.array([[2.0]], np.float32), 200)
    with pytest.raises(ValueError, match=r"^A to the power about 2\*\*16610 overflows"):
        matrix_power(2 * np.eye(2), 10**5000)


def test_sizes_far_apart_stay_so():
    D = np.diag([1e150, 1.0, 1e-150])
    for k in (2, -2):
        expected = np.diag([10.0 ** (150 * k), 1.0, 10.0 ** (-150 * k)])
        np.testing.assert_allclose(matrix_power(D, k), expected, rtol=1e-14)
    np.testing.assert_allclose(
        matrix_power(np.diag([1e200, 1e-200]), -1), np.diag([1e-200, 1e200]), rtol=1e-15
    )


def test_a_power_that_fits_is_right_at_the_edge_of_what_fits():
    for k in (1023, -1023):
        expected = np.diag([2.0**k, 2.0**-k])
        assert np.array_equal(matrix_power(np.diag([2.0, 0.5]), k), expected)
    shear = matrix_power([[1.0, 2.0**900], [0.0, 1.0]], 2**100)
    assert shear.tolist() == [[1.0, 2.0**1000], [0.0, 1.0]]


def test_an_astronomic_power_of_a_contraction_is_zero_and_of_a_rotation_a_rotation():
    A = 0.5 * haar_orthogonal(4, np.random.default_rng(0))
    assert not matrix_power(A, 10**20).any()
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    assert np.array_equal(matrix_power(quarter, 4 * 10**40 + 1), quarter)


def shape_and_seed():
    return given(seeds, st.integers(1, 7), st.integers(1, 7))


@few
@shape_and_seed()
def test_the_singular_values_are_powers_and_the_singular_vectors_stay(seed, m, n):
    A = np.random.default_rng(seed).standard_normal((m, n))
    for p in (2.0, 1.0, 0.3, 0.0, -0.5):
        B = spectrum_power(A, p)
        sigma = scipy.linalg.svdvals(A)
        np.testing.assert_allclose(np.sort(scipy.linalg.svdvals(B)), np.sort(sigma**p), rtol=1e-8)
        # Same singular vectors: AᵀB and ABᵀ are symmetric, and positive semi-definite.
        for M in (A.T @ B, A @ B.T):
            np.testing.assert_allclose(M, M.T, atol=1e-8 * np.abs(M).max())
            assert np.linalg.eigvalsh(M)[0] > -1e-8 * np.abs(M).max()


@few
@shape_and_seed()
def test_first_power_zeroth_power_and_inverse_are_what_they_should_be(seed, m, n):
    A = np.random.default_rng(seed).standard_normal((m, n))
    np.testing.assert_allclose(spectrum_power(A, 1), A, atol=1e-14 * np.abs(A).max() * 20)
    np.testing.assert_allclose(spectrum_power(A, 0), polar_factor(A), atol=1e-12)
    inverse = scipy.linalg.pinv(A)
    np.testing.assert_allclose(
        spectrum_power(A, -1).T, inverse, atol=1e-11 * np.abs(inverse).max() * np.linalg.cond(A)
    )


@few
@given(seeds, st.integers(2, 7), st.integers(0, 5))
def test_the_zeroth_power_of_a_deficient_matrix_is_the_partial_isometry_of_its_range(seed, n, r):
    rng = np.random.default_rng(seed)
    r = min(r, n - 1)
    A = rng.standard_normal((n, r)) @ rng.standard_normal((r, n))
    J = spectrum_power(A, 0)
    assert rank(J, tol=0.5) == r
    np.testing.assert_allclose(J @ J.T @ J, J, atol=1e-12)
    np.testing.assert_allclose(J @ J.T @ A, A, atol=1e-10 * (np.abs(A).max() + 1))
    with pytest.raises(ValueError, match=rf"^A must have full rank .* its rank is {r}, less than"):
        spectrum_power(A, -0.5)


@pytest.mark.parametrize("p", [-2.0, -1.0, 0.0, 0.5, 3.0])
def test_damping_follows_its_formula_and_vanishes_with_sigma(p):
    sigma, delta = np.array([3.0, 0.5, 0.0]), 0.25
    rng = np.random.default_rng(0)
    U, V = haar_orthogonal(4, rng)[:, :3], haar_orthogonal(3, rng)
    expected = (U * (sigma * (sigma**2 + delta**2) ** ((p - 1) / 2))) @ V
    np.testing.assert_allclose(
        spectrum_power((U * sigma) @ V, p, damping=delta), expected, atol=1e-13
    )


def test_damping_has_the_units_of_the_singular_values():
    A = np.random.default_rng(0).standard_normal((3, 3))
    np.testing.assert_allclose(
        spectrum_power(1e200 * A, -1, damping=0.3e200),
        spectrum_power(A, -1, damping=0.3) / 1e200,
        rtol=1e-12,
    )


def test_a_spectral_power_that_overflows_says_so():
    np.testing.assert_allclose(spectrum_power([[1e200]], 0.5), [[1e100]], rtol=1e-15)
    for A, p in (([[1e200]], 2), ([[1e-200]], -2), (1e300 * np.eye(2), 1.1)):
        with pytest.raises(ValueError, match=r"^A to the spectral power .* overflows, so p must"):
            spectrum_power(A, p)
    with pytest.raises(ValueError, match=r"^A must have singular values that fit its type"):
        spectrum_power(np.full((3, 3), 1.7e308), 0.5)


def covariance(seed, n):
    X = np.random.default_rng(seed).standard_normal((n + 3, n))
    return X.T @ X


@few
@given(seeds, st.integers(1, 7), st.integers(1, 5))
def test_an_inverse_root_to_its_power_is_the_inverse(seed, n, p):
    S = covariance(seed, n)
    R = inverse_root(S, p)
    assert np.array_equal(R, R.T)
    assert np.linalg.eigvalsh(R)[0] > 0
    np.testing.assert_allclose(matrix_power(R, p) @ S, np.eye(n), atol=1e-12 * np.linalg.cond(S))
    np.testing.assert_allclose(R, scipy.linalg.fractional_matrix_power(S, -1 / p), rtol=1e-6)


def test_whitening_makes_the_covariance_the_identity():
    S = covariance(0, 5)
    W = inverse_root(S, 2)
    np.testing.assert_allclose(W @ S @ W, np.eye(5), atol=1e-12)


def test_damping_of_an_inverse_root_adds_to_the_eigenvalues():
    S = covariance(1, 4)
    np.testing.assert_allclose(
        inverse_root(S, 4, damping=0.7), inverse_root(S + 0.7 * np.eye(4), 4), rtol=1e-11
    )


def test_eigenvalues_within_rounding_of_zero_count_as_zero():
    v = np.array([1.0, 2.0, 3.0])
    S = np.outer(v, v) / 14  # a projection: eigenvalues 1, 0, 0 and rounding errors
    expected = 1e5 * np.eye(3) + ((1 + 1e-20) ** -0.25 - 1e5) * S
    np.testing.assert_allclose(inverse_root(S, 4, damping=1e-20), expected, rtol=1e-9)


def test_no_inverse_root_of_what_is_indefinite_singular_or_too_large():
    with pytest.raises(ValueError, match=r"^S must be positive semi-def.* eigenvalue is -1$"):
        inverse_root(np.diag([1.0, -1.0]), 2)
    with pytest.raises(ValueError, match=r"^S must be positive definite without damping"):
        inverse_root(np.zeros((2, 2)), 2)
    with pytest.raises(ValueError, match=r"^S to the power -1/0\.1 overflows"):
        inverse_root(np.diag([1e-40, 1e-40]), 0.1)
    with pytest.raises(ValueError, match=r"^S must have eigenvalues that fit"):
        inverse_root(np.full((2, 2), 1.7e308), 2, damping=1.0)


def test_arguments_are_not_written_to():
    A, S = np.random.default_rng(0).standard_normal((4, 4)), covariance(0, 4)
    before = A.copy(), S.copy()
    matrix_power(A, -3), spectrum_power(A, 0.5), inverse_root(S, 2, damping=0.1)
    matrix_power(A, 1)[0, 0] = 99
    assert np.array_equal(A, before[0])
    assert np.array_equal(S, before[1])


def test_damping_that_does_not_fit_is_named_and_one_that_fits_only_float64_is_added():
    for function, matrix in ((inverse_root, "S"), (spectrum_power, "A")):
        with pytest.raises(ValueError, match=rf"^damping must leave the .* of {matrix} within"):
            function(np.eye(2) * 1.5e308, 2, damping=1.5e308)
    S = np.eye(2, dtype=np.float32) * np.float32(3e38)
    np.testing.assert_allclose(inverse_root(S, 2, damping=3e38), np.eye(2) * 6e38**-0.5, rtol=1e-6)
    np.testing.assert_allclose(spectrum_power(S, 0, damping=4e38), np.eye(2) * 0.6, rtol=1e-6)
    # Less than the smallest float32, but not nothing.
    zero = np.zeros((2, 2), np.float32)
    np.testing.assert_allclose(inverse_root(zero, 4, damping=1e-80), np.eye(2) * 1e20, rtol=1e-6)
