"""Random rotations are uniform, and Gaussian singular values follow Marchenko and Pastur."""

import mpmath as mp
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.linalg import haar_orthogonal, marchenko_pastur

few = settings(max_examples=25, deadline=None, derandomize=True)
SHAPES = [(1, 1), (64, 64), (100, 30), (30, 100), (1000, 999), (3, 1000)]


@few
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_the_matrix_is_orthogonal(seed, n):
    Q = haar_orthogonal(n, np.random.default_rng(seed))
    np.testing.assert_allclose(Q.T @ Q, np.eye(n), atol=1e-14 * n)


def test_every_entry_is_as_often_positive_as_negative_and_of_variance_one_over_n():
    rng = np.random.default_rng(0)
    n, count = 4, 4000
    Q = np.array([haar_orthogonal(n, rng) for _ in range(count)])
    deviation = 1 / np.sqrt(n * count)
    assert np.abs(Q.mean(axis=0)).max() < 4 * deviation  # LAPACK's own signs miss this by far
    assert np.abs((Q**2).mean(axis=0) - 1 / n).max() < 4 * np.sqrt(2) / n / np.sqrt(count)
    assert np.linalg.det(Q).mean() == pytest.approx(0, abs=4 / np.sqrt(count))


def test_its_trace_is_distributed_like_scipys():
    rng = np.random.default_rng(1)
    ours = [np.trace(haar_orthogonal(3, rng)) for _ in range(3000)]
    theirs = np.trace(scipy.stats.ortho_group(3, seed=1).rvs(3000), axis1=1, axis2=2)
    assert scipy.stats.ks_2samp(ours, theirs).pvalue > 0.01


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
def test_the_density_integrates_to_one_and_its_second_moment_is_that_of_the_entries(rows, columns):
    low, high = abs(1 - (columns / rows) ** 0.5), 1 + (columns / rows) ** 0.5

    def moment(k):
        # x = middle + radius sin t: the root singularities at the edges are gone.
        middle, radius = (low + high) / 2, (high - low) / 2
        return scipy.integrate.quad(
            lambda t: float(
                (middle + radius * np.sin(t)) ** k
                * marchenko_pastur(middle + radius * np.sin(t), rows, columns)
                * radius
                * np.cos(t)
            ),
            -np.pi / 2,
            np.pi / 2,
            limit=200,
        )[0]

    assert moment(0) == pytest.approx(1, abs=1e-8)
    # ‖X‖_F² is `columns` on average, shared by min(rows, columns) singular values.
    assert moment(2) == pytest.approx(columns / min(rows, columns), rel=1e-8)


def test_a_square_matrix_has_the_quarter_circle():
    x = np.linspace(0, 2, 9)
    np.testing.assert_allclose(marchenko_pastur(x, 7, 7), np.sqrt(4 - x**2) / np.pi, rtol=1e-14)


@pytest.mark.parametrize(("rows", "columns"), [(100, 30), (30, 100)])
def test_the_density_is_that_of_the_eigenvalues_in_other_units(rows, columns):
    ratio = mp.mpf(columns) / rows
    a, b = (1 - mp.sqrt(ratio)) ** 2, (1 + mp.sqrt(ratio)) ** 2
    for x in np.linspace(float(mp.sqrt(a)) + 1e-3, float(mp.sqrt(b)) - 1e-3, 7):
        square = mp.mpf(x) ** 2
        of_square = mp.sqrt((b - square) * (square - a)) / (2 * mp.pi * ratio * square)
        expected = 2 * x * of_square * max(ratio, 1)  # without the point mass at zero
        assert marchenko_pastur(x, rows, columns) == pytest.approx(float(expected), rel=1e-12)


def test_there_is_no_density_outside_the_two_edges():
    x = [-1.0, 0.0, 0.499, 1.501, 100.0]
    assert not marchenko_pastur(x, 400, 100).any()  # edges 1 ∓ ½
    assert marchenko_pastur([0.501, 1.499], 400, 100).all()


@pytest.mark.parametrize(("rows", "columns"), [(200, 200), (300, 100), (100, 300)])
def test_singular_values_of_gaussian_matrices_follow_the_density(rows, columns):
    rng = np.random.default_rng(2)
    sigma = np.sort(
        np.concatenate(
            [
                np.linalg.svd(rng.standard_normal((rows, columns)) / rows**0.5, compute_uv=False)
                for _ in range(5)
            ]
        )
    )
    grid = np.linspace(0, 3, 20_001)
    distribution = scipy.integrate.cumulative_trapezoid(
        marchenko_pastur(grid, rows, columns), grid, initial=0
    )
    expected = np.interp(sigma, grid, distribution)
    assert np.abs(expected - (np.arange(len(sigma)) + 0.5) / len(sigma)).max() < 0.01


def test_the_shape_and_type_of_the_points_are_kept():
    assert marchenko_pastur(1.0, 3, 3).shape == ()
    assert marchenko_pastur(np.ones((2, 3)), 3, 3).shape == (2, 3)
    assert marchenko_pastur(np.ones(2, np.float32), 3, 3).dtype == np.float32


def test_far_from_its_support_the_density_is_zero_without_an_overflow():
    far = [1e300, -1e300, 1e-300, 0.0]
    assert marchenko_pastur(far, 10, 3).tolist() == [0.0] * 4
    assert marchenko_pastur(np.array(far[:2], np.float64), 3, 10**306).tolist() == [0.0] * 2
    assert marchenko_pastur(np.array([1e30], np.float32), 10, 3).tolist() == [0.0]
    # A column alone has the one singular value 1, up to 1/√rows.
    assert marchenko_pastur([0.5, 2.0], 10**306, 1).tolist() == [0.0] * 2
