"""Every function on the classic awkward matrices, against mpmath's 60 digits."""

import math
from functools import cache

import mpmath as mp
import numpy as np
import pytest

from matnn_lib import linalg
from tests.linalg.awkward import AWKWARD, SQUARE, grcar, hilbert, jordan, kahan, vandermonde
from tests.oracles import exact

EPS = np.finfo(float).eps


@cache
def sigma(name):
    """Singular values of the awkward matrix in 60 digits; what is below 1e-50 of σ₁ is zero."""
    values = exact.singular_values(AWKWARD[name])
    return [s if s > values[0] * mp.mpf(10) ** -50 else mp.mpf(0) for s in values]


def numerical_rank(name):
    A = AWKWARD[name]
    return sum(s > max(A.shape) * EPS * sigma(name)[0] for s in sigma(name))


@pytest.mark.parametrize("name", AWKWARD)
def test_rank_counts_the_singular_values_that_rounding_leaves(name):
    assert linalg.rank(AWKWARD[name]) == numerical_rank(name)


@pytest.mark.parametrize("name", AWKWARD)
def test_stable_and_effective_rank_follow_from_exact_singular_values(name):
    values = [s for s in sigma(name) if s]
    total, square = mp.fsum(values), mp.fsum(s**2 for s in values)
    stable = square / values[0] ** 2 if values else 0
    effective = mp.exp(-mp.fsum(s / total * mp.log(s / total) for s in values)) if values else 0
    assert linalg.stable_rank(AWKWARD[name]) == pytest.approx(float(stable), rel=1e-12)
    assert linalg.effective_rank(AWKWARD[name]) == pytest.approx(float(effective), rel=1e-12)


@pytest.mark.parametrize("name", AWKWARD)
def test_spectral_norm_is_the_largest_exact_singular_value(name):
    assert linalg.spectral_norm(AWKWARD[name]) == pytest.approx(float(sigma(name)[0]), rel=1e-14)


@pytest.mark.parametrize("name", SQUARE)
def test_spectral_radius_is_the_largest_exact_eigenvalue(name):
    exact_radius = max(abs(lam) for lam in exact.eigenvalues(SQUARE[name]))
    size = float(sigma(name)[0])
    assert linalg.spectral_radius(SQUARE[name]) == pytest.approx(
        float(exact_radius), rel=1e-12, abs=1e-12 * size
    )


@pytest.mark.parametrize("name", [n for n in SQUARE if n not in {"rotation", "Grcar", "Jordan"}])
def test_power_iteration_finds_the_exact_dominant_eigenvalue(name):
    A = SQUARE[name]
    if name in {"huge", "tiny"}:  # Grcar's dominant eigenvalues are a complex pair
        A = np.abs(A)
    if name == "Wilkinson":  # its two largest agree to 10 digits
        A = A[:-1, :-1]
    value, vector, residuals = linalg.power_iteration(A, np.random.default_rng(0))
    expected = max(exact.eigenvalues(A), key=abs)
    size = float(mp.norm(exact.matrix(A), mp.inf))
    assert value == pytest.approx(float(mp.re(expected)), rel=1e-9, abs=1e-15 * size)
    assert np.linalg.norm(vector) == pytest.approx(1, rel=1e-14)
    assert residuals[-1] <= max(1e-10 * abs(value), 1e-15 * size)


@pytest.mark.parametrize("name", AWKWARD)
def test_polar_factor_is_the_exact_one_as_far_as_it_is_determined(name):
    A = AWKWARD[name]
    Q = linalg.polar_factor(A)
    few = min(A.shape)
    gram = Q @ Q.T if A.shape[0] <= A.shape[1] else Q.T @ Q
    assert np.abs(gram - np.eye(few)).max() < 1e-14 * few
    if numerical_rank(name) == few:
        U, S, Vt = exact.svd(A)
        # The factor moves by at most about ε κ under rounding errors of A (Higham 2008, 8.2).
        tolerance = 20 * EPS * float(S[0] / S[-1])
        assert np.abs(Q - exact.to_float(U * Vt)).max() < tolerance + 1e-14


@pytest.mark.parametrize("name", AWKWARD)
def test_low_rank_misses_by_exactly_the_next_singular_value(name):
    A = AWKWARD[name]
    scale = float(sigma(name)[0]) or 1.0
    for r in {1, (min(A.shape) + 1) // 2, min(A.shape)}:
        L, R = linalg.low_rank(A, r)
        assert (L.shape, R.shape) == ((A.shape[0], r), (r, A.shape[1]))
        error = float(exact.singular_values((A - L @ R) / scale, 30)[0])
        following = float(sigma(name)[r] / scale) if r < min(A.shape) else 0.0
        assert error == pytest.approx(following, rel=1e-6, abs=20 * EPS)
        np.testing.assert_allclose(
            np.linalg.norm(L / scale**0.5), np.linalg.norm(R / scale**0.5), rtol=1e-12
        )


@pytest.mark.parametrize("name", SQUARE)
@pytest.mark.parametrize("k", [0, 1, 2, 5, 13])
def test_matrix_power_is_the_exact_power(name, k):
    A = SQUARE[name]
    expected = exact.matrix(A) ** k
    bound = float(mp.log10(mp.norm(exact.matrix(np.abs(A)) ** k, mp.inf) + mp.mpf(10) ** -999))
    if bound > 308:
        with pytest.raises(ValueError, match=f"^A to the power {k} overflows"):
            linalg.matrix_power(A, k)
    else:
        error = np.abs(linalg.matrix_power(A, k) - exact.to_float(expected)).max()
        # Rounding errors are relative to |A|ᵏ (Higham 2002, section 3.5), or underflow.
        assert error <= max(len(A) * (k + 1) * EPS * 10**bound, 1e-323)


@pytest.mark.parametrize("name", ["Kahan", "Frank", "Grcar", "Jordan", "Wilkinson", "rotation"])
def test_a_negative_power_is_the_exact_inverse_power(name):
    A = SQUARE[name]
    with mp.workdps(60):
        expected = exact.to_float(exact.matrix(A) ** -2)
    condition = float(sigma(name)[0] / sigma(name)[-1])
    error = np.abs(linalg.matrix_power(A, -2) - expected).max()
    assert error < 100 * EPS * condition * np.abs(expected).max()


def test_an_inverse_loses_nothing_to_scale():
    D = np.diag([1e100, 3.0, 1e-100])
    A = D @ np.array([[2.0, 1, 0], [1, 2, 1], [0, 1, 2]]) @ D[::-1, ::-1]
    with mp.workdps(500):
        expected = exact.to_float(exact.matrix(A) ** -1)
    np.testing.assert_allclose(linalg.matrix_power(A, -1), expected, rtol=1e-14)


@pytest.mark.parametrize("name", ["Hilbert 12", "nilpotent", "rank one"])
def test_what_is_singular_up_to_rounding_has_no_negative_power(name):
    with pytest.raises(ValueError, match=r"^A must be invertible for a negative k, but it is sing"):
        linalg.matrix_power(SQUARE[name], -1)


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("p", [1.0, 0.5, 0.0, -1.0])
def test_spectrum_power_is_the_exact_one(name, p):
    A = AWKWARD[name]
    kept = numerical_rank(name)
    if p < 0 and kept < min(A.shape):
        with pytest.raises(ValueError, match=rf"^A must have full rank .* rank is {kept}, less"):
            linalg.spectrum_power(A, p)
        return
    U, S, Vt = exact.svd(A)
    with mp.workdps(60):
        powers = [S[i] ** p if i < kept else 0 for i in range(len(S))]
        expected = exact.to_float(U * mp.diag(powers) * Vt)
    # How much σᵖ moves when σ moves by ε σ₁, at the smallest of those kept.
    smallest, largest = (float(S[kept - 1]), float(S[0])) if kept else (1.0, 1.0)
    tolerance = 100 * EPS * (largest / smallest) * smallest**p + 20 * EPS * largest**p
    assert np.abs(linalg.spectrum_power(A, p) - expected).max() <= tolerance


def test_a_damped_spectrum_power_is_the_regularised_inverse():
    A = vandermonde(9)[:, :4]
    with mp.workdps(60):
        M = exact.matrix(A)
        expected = exact.to_float(M * (M.T * M + mp.mpf(0.5) ** 2 * mp.eye(4)) ** -1)
    np.testing.assert_allclose(linalg.spectrum_power(A, -1, damping=0.5), expected, atol=1e-14)


@pytest.mark.parametrize("A", [hilbert(5), grcar(6), kahan(6), 1e70 * grcar(4), 1e-70 * grcar(4)])
@pytest.mark.parametrize("p", [1, 2, 4, 0.5])
def test_inverse_root_is_the_exact_one(A, p):
    S = A @ A.T
    S = (S + S.T) / 2
    with mp.workdps(60):
        lam, V = mp.eigsy(exact.matrix(S))
        expected = exact.to_float(V * mp.diag([x ** (-1 / mp.mpf(p)) for x in lam]) * V.T)
        condition = float(lam[len(lam) - 1] / lam[0])
    error = np.abs(linalg.inverse_root(S, p) - expected).max()
    assert error < 100 / p * EPS * condition * np.abs(expected).max()


def test_damping_makes_an_inverse_root_of_a_singular_matrix():
    S = np.array([[1.0, 1.0], [1.0, 1.0]])  # eigenvalues 2 and 0
    with pytest.raises(ValueError, match=r"^S must be positive definite without damping"):
        linalg.inverse_root(S, 2)
    along, across = (2 + 0.25) ** -0.5, 0.25**-0.5
    expected = np.array([[along + across, along - across], [along - across, along + across]]) / 2
    np.testing.assert_allclose(linalg.inverse_root(S, 2, damping=0.25), expected, rtol=1e-15)


@pytest.mark.parametrize("name", ["Kahan", "Frank", "Grcar", "Wilkinson", "rotation", "one row"])
def test_newton_schulz_converges_to_the_exact_polar_factor(name):
    U, S, Vt = exact.svd(AWKWARD[name])
    steps = 10 + math.ceil(math.log(np.sqrt(len(S)) * float(S[0] / S[-1]), 1.5))
    Q = linalg.newton_schulz(AWKWARD[name], steps=steps)
    tolerance = 100 * EPS * float(S[0] / S[-1]) + 1e-14
    assert np.abs(Q - exact.to_float(U * Vt)).max() < tolerance


@pytest.mark.parametrize("name", AWKWARD)
def test_product_spectrum_of_one_factor_is_its_exact_spectrum(name):
    A = AWKWARD[name]
    logs = linalg.product_spectrum([A])
    assert len(logs) == min(A.shape)
    finite = int(np.isfinite(logs).sum())
    assert finite == numerical_rank(name)
    assert np.all(logs[finite:] == -np.inf)
    for log, s in zip(logs[:finite], sigma(name), strict=False):
        assert log == pytest.approx(
            float(mp.log(s)), abs=20 * EPS * float(sigma(name)[0] / s) + 1e-12
        )


@pytest.mark.parametrize("name", ["Kahan", "Frank", "Grcar", "Wilkinson", "rotation", "huge"])
def test_exponents_of_a_repeated_matrix_are_those_of_its_exact_power(name):
    A, count = SQUARE[name], 12
    expected = exact.product_log_singular_values([A] * count, 150)
    exponents = linalg.lyapunov_exponents([A] * count)
    np.testing.assert_allclose(exponents, [float(x) / count for x in expected], atol=1e-9)


def test_jordan_blocks_have_closed_forms():
    golden = (1 + 5**0.5) / 2
    J = jordan(2, 1.0)
    assert linalg.spectral_norm(J) == pytest.approx(golden, rel=1e-15)
    assert linalg.stable_rank(J) == pytest.approx(3 / golden**2, rel=1e-14)
    share = golden / 5**0.5  # of φ in φ + 1/φ = √5
    entropy = -share * math.log(share) - (1 - share) * math.log(1 - share)
    assert linalg.effective_rank(J) == pytest.approx(math.exp(entropy), rel=1e-14)
    np.testing.assert_allclose(
        linalg.product_spectrum([J]), [math.log(golden), -math.log(golden)], rtol=1e-14
    )
    assert linalg.matrix_power(jordan(4, 2.0), 50).tolist() == [
        [math.comb(50, j - i) * 2.0 ** (50 - (j - i)) if j >= i else 0.0 for j in range(4)]
        for i in range(4)
    ]
    assert linalg.matrix_power(J, -7).tolist() == [[1.0, -7.0], [0.0, 1.0]]
