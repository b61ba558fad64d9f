"""Power iteration: where it converges, how fast, and what it says where it doesn't."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.linalg import ConvergenceError, haar_orthogonal, power_iteration, spectral_radius
from tests.linalg.awkward import grcar, jordan, nilpotent, rotation

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None, derandomize=True)


def similar(A, seed=1):
    """Return A in another orthonormal basis."""
    Q = haar_orthogonal(len(A), np.random.default_rng(seed))
    return Q @ A @ Q.T


@few
@given(seeds, st.integers(1, 8), st.integers(-200, 200))
def test_the_radius_is_the_largest_modulus_and_at_most_the_norm(seed, n, power):
    A = np.random.default_rng(seed).standard_normal((n, n))
    radius = spectral_radius(A * 10.0**power) / 10.0**power
    assert radius == pytest.approx(np.abs(scipy.linalg.eigvals(A)).max(), rel=1e-11)
    assert radius <= scipy.linalg.svdvals(A)[0] * (1 + 1e-12)


@pytest.mark.parametrize("size", [1e130, 1e200, 1e300])
def test_entries_hundreds_of_orders_apart_keep_their_eigenvalues(size):
    A = np.array([[1.0, size], [1 / size, 1.0]])  # eigenvalues 0 and 2
    assert spectral_radius(A) == pytest.approx(2, rel=1e-14)
    value, vector, _ = power_iteration(A, np.random.default_rng(0))
    assert value == pytest.approx(2, rel=1e-9)
    assert np.abs(vector) == pytest.approx([1, 1 / size], rel=1e-9)
    assert spectral_radius([[0.0, size], [1 / size, 0.0]]) == pytest.approx(1, rel=1e-14)


@few
@given(seeds, st.integers(2, 6))
def test_a_diagonal_similarity_changes_no_eigenvalue(seed, n):
    rng = np.random.default_rng(seed)
    M = rng.uniform(0.5, 1, (n, n))
    scales = 2.0 ** rng.integers(-450, 450, n)
    A = M * scales[:, None] / scales
    radius = np.abs(scipy.linalg.eigvals(M)).max()
    assert spectral_radius(A) == pytest.approx(radius, rel=1e-12)
    assert power_iteration(A, rng).value == pytest.approx(radius, rel=1e-8)


def test_a_radius_beyond_the_largest_number_is_an_error():
    with pytest.raises(ValueError, match=r"^the spectral radius of A overflows float64, so A must"):
        spectral_radius(np.full((3, 3), 1e308))
    with pytest.raises(ValueError, match=r"^the dominant eigenvalue of A overflows: it reaches"):
        power_iteration(np.full((3, 3), 1e308), np.random.default_rng(0))
    with pytest.raises(ConvergenceError) as caught:
        power_iteration(np.array([[0, 1.7e308], [-1.7e308, 0]]), np.random.default_rng(0))
    assert caught.value.cause == "complex pair"


def test_triangular_matrices_have_their_eigenvalues_on_the_diagonal():
    A = np.triu(np.full((5, 5), 1e6)) * ~np.eye(5, dtype=bool) + np.diag([1.0, -7, 3, 2, 0])
    assert spectral_radius(A) == 7.0
    assert spectral_radius(nilpotent(6)) == 0.0
    assert spectral_radius(rotation(0.3) * 5) == pytest.approx(5, rel=1e-15)


@few
@given(seeds, st.integers(2, 8))
def test_the_pair_is_an_eigenpair_of_a_positive_matrix_and_its_perron_root(seed, n):
    A = np.random.default_rng(seed).uniform(0.1, 1, (n, n))
    value, vector, residuals = power_iteration(A, np.random.default_rng(0))
    assert value == pytest.approx(np.abs(scipy.linalg.eigvals(A)).max(), rel=1e-9)
    assert np.linalg.norm(A @ vector - value * vector) == pytest.approx(residuals[-1], abs=1e-14)
    assert residuals[-1] <= 1e-10 * value
    assert np.linalg.norm(vector) == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("ratio", [0.9, 0.5, -0.7])
def test_the_residual_shrinks_by_the_ratio_of_the_eigenvalues_a_step(ratio):
    A = similar(np.diag([-3.0, -3.0 * ratio, 0.1]))
    value, _, residuals = power_iteration(A, np.random.default_rng(0))
    assert value == pytest.approx(-3, rel=1e-9)
    measured = (residuals[-1] / residuals[len(residuals) // 2]) ** (
        1 / (len(residuals) - 1 - len(residuals) // 2)
    )
    assert measured == pytest.approx(abs(ratio), rel=0.01)


def test_a_multiple_eigenvalue_with_enough_eigenvectors_converges():
    for A in (np.eye(4), similar(np.diag([2.0, 2.0, 1.0])), -5 * np.eye(1)):
        value, vector, _ = power_iteration(A, np.random.default_rng(0))
        assert np.abs(A @ vector - value * vector).max() < 1e-9
        assert abs(value) == pytest.approx(spectral_radius(A), rel=1e-9)


@pytest.mark.parametrize("A", [np.zeros((3, 3)), nilpotent(5), similar(nilpotent(4))])
def test_zero_and_nilpotent_matrices_have_the_eigenvalue_zero(A):
    value, vector, residuals = power_iteration(A, np.random.default_rng(0))
    assert value == pytest.approx(0, abs=1e-15)
    assert np.linalg.norm(A @ vector) < 1e-14
    assert len(residuals) <= len(A)


SHRUNK = np.block([[rotation(1.0), np.zeros((2, 2))], [np.ones((2, 2)), 0.5 * np.eye(2)]])


@pytest.mark.parametrize(
    ("cause", "A"),
    [
        ("complex pair", rotation(1.0)),
        ("complex pair", rotation(0.01)),
        ("complex pair", SHRUNK),
        ("complex pair", 1e150 * grcar(6)),
        ("± pair", np.array([[0.0, 1.0], [1.0, 0.0]])),
        ("± pair", similar(np.diag([2.0, -2.0, 1.0]))),
        ("defective", jordan(2, 1.0)),
        ("defective", jordan(4, -3.0)),
        ("defective", similar(scipy.linalg.block_diag(jordan(2, 1.0), [[0.5]]))),
        ("several", np.roll(np.eye(3), 1, axis=0)),
        ("several", similar(np.diag([1.0, -1.0, 1.0]) @ np.roll(np.eye(3), 1, axis=0))),
        ("slow", np.diag([1.0, 0.9995])),
        ("slow", similar(np.diag([1.0, 0.99999, 0.3]))),
    ],
)
def test_what_keeps_it_from_converging_is_named(cause, A):
    for seed in range(3):
        with pytest.raises(ConvergenceError) as caught:
            power_iteration(A, np.random.default_rng(seed), max_iter=4000)
        error = caught.value
        assert error.cause == cause
        assert str(error).startswith("power iteration on A is not done after 4000 products")
        word = {"± pair": "opposite sign", "several": "three or more", "slow": "more iterations"}
        assert word.get(cause, cause) in str(error)
        assert len(error.residuals) == 4000


def test_the_residual_of_a_jordan_block_falls_like_one_over_k_squared():
    with pytest.raises(ConvergenceError) as caught:
        power_iteration(jordan(2, 1.0), np.random.default_rng(0), max_iter=4000)
    residuals = caught.value.residuals
    assert residuals[1999] / residuals[3999] == pytest.approx(4, rel=0.01)


def test_a_few_iterations_are_too_few_to_tell_more_than_slow():
    with pytest.raises(ConvergenceError, match=r"not done after 3 products.*more iterations$"):
        power_iteration(np.diag([1.0, 0.5]), np.random.default_rng(0), max_iter=3)


@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_scale_changes_the_value_only(scale):
    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    value, vector, residuals = power_iteration(scale * A, np.random.default_rng(0))
    expected = power_iteration(A, np.random.default_rng(0))
    assert value == pytest.approx(scale * expected.value, rel=1e-14)
    np.testing.assert_allclose(vector, expected.vector, rtol=1e-9)
    assert len(residuals) == len(expected.residuals)


def test_float32_reaches_what_float32_can():
    A = np.array([[2, 1], [1, 3]], np.float32)
    value, vector, _ = power_iteration(A, np.random.default_rng(0))
    assert value == pytest.approx((5 + 5**0.5) / 2, rel=1e-6)
    assert vector.dtype == np.float32


def test_the_generator_decides_the_start_and_nothing_else_does():
    A = similar(np.diag([2.0, 2.0, 1.0]))
    one, two = (power_iteration(A, np.random.default_rng(7)).vector for _ in range(2))
    assert np.array_equal(one, two)
    assert not np.allclose(one, power_iteration(A, np.random.default_rng(8)).vector)
