"""Singular values of products that no floating-point product could keep."""

import itertools
import json
import math
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma

from matnn_lib.linalg import (
    haar_orthogonal,
    jacobi,
    lyapunov_exponents,
    matrix_power,
    product_spectrum,
)
from tests.linalg.awkward import jordan, nilpotent, rotation
from tests.oracles import exact

DATA = Path(__file__).parent / "data"
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None, derandomize=True)


def reference(count):
    stored = json.loads((DATA / f"product_{count}x64x64.json").read_text(encoding="utf-8"))
    factors = exact.gaussian_factors(count)
    assert exact.checksum(factors) == stored["sha256_of_factors"], "NumPy drew other numbers"
    return factors, stored


@pytest.mark.parametrize("order", ["reversed", "as_listed"])
def test_all_64_values_of_50_gaussian_factors_are_right_to_1e10(order):
    factors, stored = reference(50)
    logs = product_spectrum(factors[::-1] if order == "reversed" else factors)
    assert np.abs(logs - np.array(stored[order], dtype=float)).max() < 1e-11


def test_the_stored_values_are_those_of_exact_arithmetic():
    factors, stored = reference(50)
    again = exact.product_log_singular_values(factors[::-1], 90)
    with mp.workdps(40):
        pairs = zip(again, stored["reversed"], strict=True)
        assert max(abs(log - mp.mpf(text)) for log, text in pairs) < 1e-22


def test_the_stored_values_are_those_another_program_found():
    _, stored = reference(50)
    found = {
        "reversed": {0: "4.7190341090182690652", 31: "3.322300873e-8", 47: "5.986436859e-16"}
        | {63: "5.4170752569830777802e-61"},
        "as_listed": {0: "7.64543326", 63: "1.76494844e-59"},
    }
    for order, values in found.items():
        for i, value in values.items():
            with mp.workdps(40):
                error = mp.exp(mp.mpf(stored[order][i])) / mp.mpf(value) - 1
            assert abs(error) < 10.0 ** (2 - len(value.split("e")[0]))


def test_the_explicit_product_loses_what_product_spectrum_keeps():
    factors, stored = reference(50)
    true = np.array(stored["as_listed"], dtype=float)
    naive = np.log(np.linalg.svd(np.linalg.multi_dot(factors), compute_uv=False))
    assert np.abs(naive - true)[:40].max() < 0.01
    assert abs(naive - true)[63] > math.log(1e40)


def test_all_64_values_of_1000_gaussian_factors_are_right_to_1e9():
    factors, stored = reference(1000)
    error = product_spectrum(factors) - np.array(stored["as_listed"], dtype=float)
    assert np.abs(error).max() < 2e-10


@few
@given(seeds, st.lists(st.integers(1, 7), min_size=2, max_size=7), st.integers(-150, 150))
def test_chains_of_any_shapes_agree_with_exact_arithmetic(seed, shape, power):
    rng = np.random.default_rng(seed)
    factors = [
        10.0 ** (power if i % 2 else -power / 2) * rng.standard_normal((m, n))
        for i, (m, n) in enumerate(itertools.pairwise(shape))
    ]
    logs = product_spectrum(factors)
    true = [float(x) for x in exact.product_log_singular_values(factors, 60)]
    kept = min(shape)
    assert logs.shape == (min(shape[0], shape[-1]),)
    np.testing.assert_allclose(logs[:kept], true[:kept], atol=1e-9)
    assert np.all(logs[kept:] == -np.inf)


@few
@given(seeds, st.integers(2, 6), st.integers(1, 5))
def test_factors_of_1e200_and_1e_minus_200_side_by_side_lose_nothing(seed, n, count):
    rng = np.random.default_rng(seed)
    factors = [
        10.0 ** rng.uniform(-100, 100, (n, 1))
        * haar_orthogonal(n, rng)
        * 10.0 ** rng.uniform(-100, 100, n)
        for _ in range(count)
    ]
    true = exact.product_log_singular_values(factors, 400 * count + 50)
    np.testing.assert_allclose(product_spectrum(factors), [float(x) for x in true], atol=1e-9)


def test_turns_between_stretches_of_1e400_have_a_closed_form():
    D = np.diag([1e200, 1e-200])
    for angle in (0.3, 1.0):
        logs = product_spectrum([rotation(angle), D, rotation(0.7), D, rotation(-angle)])
        # DRD for a turn by φ: σ₁ ≈ 1e400 cos φ, and the determinant is 1.
        largest = 400 * math.log(10) + math.log(math.cos(0.7))
        np.testing.assert_allclose(logs, [largest, -largest], rtol=1e-15)


def test_a_quarter_turn_between_stretches_undoes_them():
    D, R = np.diag([2.0, 0.5]), rotation(np.pi / 2)
    np.testing.assert_allclose(product_spectrum([D] * 50), np.log([2.0, 0.5]) * 50, rtol=1e-15)
    np.testing.assert_allclose(product_spectrum([D, R] * 50), [0.0, 0.0], atol=1e-13)


def test_powers_of_a_jordan_block_have_closed_forms():
    n, lam, k = 2, 0.5, 400
    logs = product_spectrum([jordan(n, lam)] * k)
    # Jᵏ = λᵏ [[1, k/λ], [0, 1]], whose singular values are λᵏ (√(1 + x²) ± x), x = k / 2λ.
    spread = math.asinh(k / lam / 2)
    np.testing.assert_allclose(
        logs, [k * math.log(lam) + spread, k * math.log(lam) - spread], rtol=1e-13
    )


def test_powers_of_a_nilpotent_matrix_lose_one_dimension_each():
    for k in range(1, 8):
        expected = [0.0] * max(5 - k, 0) + [-np.inf] * min(k, 5)
        assert product_spectrum([nilpotent(5)] * k).tolist() == expected


def test_a_zero_factor_leaves_nothing():
    assert product_spectrum([np.eye(3), np.zeros((3, 3)), np.eye(3)]).tolist() == [-np.inf] * 3
    assert product_spectrum([np.zeros((2, 4))]).tolist() == [-np.inf] * 2


@pytest.mark.parametrize(
    "factors",
    [
        [[[1, 1], [1, 1]], [[1, -1], [-1, 1]]],
        [[[2, -1], [4, -2]]] * 2,
        [[[5, -3, 2], [15, -9, 6], [10, -6, 4]]] * 2,
        [[[1, 0], [0, 1]], [[2, -1], [4, -2]], [[2, -1], [4, -2]], [[3, 1], [1, 2]]],
    ],
)
def test_factors_whose_product_is_exactly_zero_leave_nothing(factors):
    assert not np.linalg.multi_dot(factors).any()
    assert (product_spectrum(factors) == -np.inf).all()
    assert (product_spectrum(np.array(factors, np.float32)) == -np.inf).all()


@few
@given(seeds, st.integers(2, 7), st.integers(-300, 300))
def test_a_factor_that_takes_the_range_of_the_others_to_zero_leaves_nothing(seed, n, power):
    a, b, left, right = np.random.default_rng(seed).integers(-9, 10, (4, n))
    normal = (a @ a) * b - (a @ b) * a
    factors = [np.ldexp(1.0, power) * np.outer(left, normal), np.eye(n), np.outer(a, right)]
    assert not np.linalg.multi_dot(factors).any()
    assert (product_spectrum(factors) == -np.inf).all()
    assert (product_spectrum([F.T for F in factors[::-1]]) == -np.inf).all()


@few
@given(seeds, st.integers(1, 6), st.integers(0, 3))
def test_the_narrowest_factor_bounds_the_rank_of_the_product(seed, inner, extra):
    rng = np.random.default_rng(seed)
    n = inner + extra
    narrow = rng.standard_normal((n, inner)) @ rng.standard_normal((inner, n))
    factors = [rng.standard_normal((n, n)), narrow, rng.standard_normal((n, n)), narrow]
    logs = product_spectrum(factors)
    assert np.isfinite(logs).sum() == inner
    exact_logs = exact.product_log_singular_values(factors, 60)[:inner]
    np.testing.assert_allclose(logs[:inner], [float(x) for x in exact_logs], atol=1e-6)


def test_rounding_leaves_no_rank_to_float32_that_float64_would_keep():
    rng = np.random.default_rng(0)
    A = haar_orthogonal(5, rng) * [1, 1e-1, 1e-3, 1e-9, 1e-9] @ haar_orthogonal(5, rng)
    assert np.isfinite(product_spectrum([A])).sum() == 5
    assert np.isfinite(product_spectrum([A.astype(np.float32)])).sum() == 3


@few
@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_the_sum_of_the_logs_is_the_log_of_the_determinants(seed, n, count):
    factors = np.random.default_rng(seed).standard_normal((count, n, n))
    expected = np.linalg.slogdet(factors)[1].sum()
    assert product_spectrum(factors).sum() == pytest.approx(expected, abs=1e-9)


@few
@given(seeds, st.integers(1, 6))
def test_the_transposed_chain_has_the_same_spectrum_and_the_inverse_the_negative(seed, n):
    factors = np.random.default_rng(seed).standard_normal((6, n, n))
    logs = product_spectrum(factors)
    np.testing.assert_allclose(product_spectrum([F.T for F in factors[::-1]]), logs, atol=1e-9)
    inverse = [matrix_power(F, -1) for F in factors[::-1]]
    np.testing.assert_allclose(product_spectrum(inverse)[::-1], -logs, atol=1e-6)


@few
@given(seeds, st.integers(1, 6))
def test_rotations_at_the_ends_and_scaling_change_nothing_else(seed, n):
    rng = np.random.default_rng(seed)
    factors = list(rng.standard_normal((4, n, n)))
    turned = [haar_orthogonal(n, rng), *factors, 1e-30 * haar_orthogonal(n, rng)]
    np.testing.assert_allclose(
        product_spectrum(turned), product_spectrum(factors) - 30 * math.log(10), atol=1e-9
    )


@few
@given(seeds, st.integers(2, 5))
def test_directions_that_change_places_from_factor_to_factor_are_not_confused(seed, n):
    rng = np.random.default_rng(seed)
    stretches = 8.0 ** -np.arange(n)
    factors = [
        (np.eye(n) + 0.1 * rng.standard_normal((n, n)))[rng.permutation(n)]
        * (stretches if i < 8 else stretches[::-1])
        for i in range(16)
    ]
    expected = exact.product_log_singular_values(factors, 100)
    np.testing.assert_allclose(product_spectrum(factors), [float(x) for x in expected], atol=1e-9)


def test_rounding_errors_in_a_large_row_do_not_hide_a_small_row():
    row, other = np.array([0.9, 1 / 3, 0.7]), np.array([0.2, -0.9, 0.4])
    multiple = row / 7 * 1.1  # up to rounding
    for scale in (1e-10, 1e-30, 1e-100):
        A = np.array([row, multiple, scale * other])
        logs = product_spectrum([np.eye(3), A])
        independent = exact.product_log_singular_values([np.array([row, multiple])], 60)[:1]
        assert logs[0] == pytest.approx(float(independent[0]), abs=1e-12)
        across = other - row * (row @ other) / (row @ row)
        assert logs[1] == pytest.approx(math.log(scale * np.linalg.norm(across)), abs=1e-9)
        assert logs[2] == -np.inf


def test_an_entry_of_zero_takes_part_in_the_rounding_errors():
    rng = np.random.default_rng(0)
    for _ in range(20):
        left, right = rng.standard_normal((3, 2)), rng.standard_normal((2, 3))
        right[:, 2] -= left[2] * (left[2] @ right[:, 2]) / (left[2] @ left[2])
        A = left @ right
        A[2, 2] = 0  # as it is up to rounding; the rank is 2
        logs = product_spectrum([A])
        assert np.isfinite(logs[:2]).all()
        # How A was rounded hangs on the processor: nothing, or what rounding leaves.
        assert logs[2] < logs[0] + math.log(1e-15)


def test_repeated_singular_values_are_found_as_often_as_they_occur():
    rng = np.random.default_rng(1)
    Q = haar_orthogonal(12, rng)
    A = (Q * np.repeat([3.0, 1.0, 0.25], 4)) @ haar_orthogonal(12, rng)
    np.testing.assert_allclose(
        product_spectrum([A]), np.repeat(np.log([3.0, 1.0, 0.25]), 4), atol=1e-13
    )


def test_exponents_of_gaussian_products_tend_to_newmans_closed_form():
    n, count = 16, 2000
    factors = np.random.default_rng(0).standard_normal((count, n, n)) / np.sqrt(n)
    i = np.arange(1, n + 1)
    newman = 0.5 * (np.log(2 / n) + digamma((n - i + 1) / 2))
    error = lyapunov_exponents(factors) - newman
    # Each exponent is a mean of `count` terms, half the log of a χ² of n − i + 1 degrees.
    deviation = np.array([0.5 * float(mp.psi(1, (n - j + 1) / 2)) ** 0.5 for j in i])
    assert np.abs(error / (deviation / np.sqrt(count))).max() < 4


def test_exponents_are_growth_rates_per_factor():
    factors = [np.diag([2.0, 0.5]), np.diag([8.0, 0.5])]
    np.testing.assert_allclose(lyapunov_exponents(factors), np.log([4.0, 0.5]), rtol=1e-15)
    assert lyapunov_exponents([nilpotent(2)] * 3).tolist() == [-np.inf] * 2


def test_one_rotation_makes_two_rows_orthogonal(monkeypatch):
    monkeypatch.setattr(jacobi, "MOST_SWEEPS", 2)  # the second finds nothing left to do
    for seed in range(20):
        A = np.random.default_rng(seed).standard_normal((2, 2))
        expected = np.log(np.linalg.svd(A, compute_uv=False))
        np.testing.assert_allclose(jacobi.log_singular_values(np.zeros(2), A), expected, atol=1e-13)


def test_jacobi_says_when_it_does_not_finish(monkeypatch):
    monkeypatch.setattr(jacobi, "MOST_SWEEPS", 1)
    with pytest.raises(ArithmeticError, match=r"not done after 1 sweeps"):
        product_spectrum([np.random.default_rng(0).standard_normal((5, 5))])
