"""The spectral norm: large matrices by Lanczos, small ones by LAPACK, none by luck."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.linalg import haar_orthogonal, norms, spectral_norm

seeds = st.integers(0, 2**32 - 1)
N = 420  # large enough for the iteration


def with_spectrum(sigma, seed=0, m=N):
    """Return an m × N matrix with the given singular values, and its right singular vectors."""
    rng = np.random.default_rng(seed)
    U, V = haar_orthogonal(m, rng), haar_orthogonal(N, rng)
    k = len(sigma)
    return (U[:, :k] * np.asarray(sigma)) @ V[:k], V


@pytest.fixture
def lapack(monkeypatch):
    """Count how often the whole decomposition is computed."""
    calls = []
    svd = np.linalg.svd

    def counted(*args, **options):
        calls.append(args[0].shape)
        return svd(*args, **options)

    monkeypatch.setattr(np.linalg, "svd", counted)
    return calls


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seeds, st.integers(1, 30), st.integers(1, 30), st.integers(-250, 250))
def test_the_norm_is_lapacks_largest_singular_value_at_any_scale(seed, m, n, power):
    A = np.random.default_rng(seed).standard_normal((m, n))
    expected = scipy.linalg.svdvals(A)[0] * 10.0**power
    assert spectral_norm(A * 10.0**power) == pytest.approx(expected, rel=1e-13)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seeds, st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_the_norm_of_a_product_is_at_most_the_product_of_the_norms(seed, k, m, n):
    rng = np.random.default_rng(seed)
    A, B = rng.standard_normal((k, m)), rng.standard_normal((m, n))
    assert spectral_norm(A @ B) <= spectral_norm(A) * spectral_norm(B) * (1 + 1e-14)


@pytest.mark.parametrize("shape", [(450, 450), (400, 900), (900, 400)])
def test_a_large_gaussian_matrix_needs_no_whole_decomposition(shape, lapack):
    A = np.random.default_rng(1).standard_normal(shape)
    norm = spectral_norm(A)
    assert not lapack
    assert norm == pytest.approx(scipy.linalg.svdvals(A)[0], rel=1e-12)


@pytest.mark.parametrize("gap", [1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-12, 0.0])
def test_a_near_tie_of_the_two_largest_is_no_trap(gap, lapack):
    for seed in range(3):
        A, _ = with_spectrum([1, 1 - gap, *np.linspace(0.8, 0, N - 2)], seed)
        assert spectral_norm(A) == pytest.approx(1, abs=1e-8)
    assert not lapack


def test_a_cluster_at_the_top_ends_in_lapack(lapack):
    A, _ = with_spectrum(1 - np.logspace(-6, -1, N))
    assert spectral_norm(A) == pytest.approx(1 - 1e-6, rel=1e-13)
    assert lapack == [(N, N)]


@pytest.mark.parametrize("which", ["ones", "first unit vector", "fixed normal vector"])
def test_a_start_orthogonal_to_the_top_singular_vector_is_no_trap(which):
    start = {
        "ones": np.ones(N),
        "first unit vector": np.eye(N)[0],
        "fixed normal vector": np.random.default_rng(0).standard_normal(N),
    }[which]
    frame, _ = np.linalg.qr(np.column_stack([start, np.random.default_rng(5).random((N, 1))]))
    q, top = frame.T
    A = np.outer(q, q) + 1.5 * np.outer(top, top)  # an iteration from q sees the first part only
    assert spectral_norm(A) == pytest.approx(1.5, rel=1e-12)


def test_low_rank_and_sparse_matrices_end_early_and_right():
    assert spectral_norm(np.zeros((500, 600))) == 0.0
    u, v = np.arange(1.0, 501), np.arange(1.0, 601)
    expected = np.linalg.norm(u) * np.linalg.norm(v)
    assert spectral_norm(np.outer(u, v)) == pytest.approx(expected, rel=1e-14)
    single = np.zeros((500, 500))
    single[3, 7] = -2.0
    assert spectral_norm(single) == 2.0
    assert spectral_norm(np.eye(500)) == pytest.approx(1, rel=1e-14)
    assert spectral_norm(np.eye(500, k=1)) == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("scale", [1e200, 1e-200, 1e-310])
def test_the_scale_of_a_large_matrix_does_not_matter(scale):
    A = np.random.default_rng(2).standard_normal((450, 450))
    rel = 1e-12 if scale > 1e-300 else 1e-3  # subnormal numbers have few digits
    assert spectral_norm(A * scale) == pytest.approx(scipy.linalg.svdvals(A)[0] * scale, rel=rel)


def test_the_same_matrix_gives_the_same_bits_and_a_smaller_tolerance_a_better_norm():
    A = np.random.default_rng(3).standard_normal((450, 450))
    assert spectral_norm(A) == spectral_norm(A.copy(order="F"))
    true = scipy.linalg.svdvals(A)[0]
    errors = [abs(spectral_norm(A, tol=tol) / true - 1) for tol in (1e-2, 1e-10)]
    assert errors[0] < 1e-2
    assert errors[1] < 1e-13


def test_float32_matrices_are_measured_in_float64():
    A = np.random.default_rng(4).standard_normal((450, 450)).astype(np.float32)
    assert spectral_norm(A) == pytest.approx(scipy.linalg.svdvals(A.astype(float))[0], rel=1e-10)


def test_a_norm_beyond_the_largest_number_is_an_error():
    with pytest.raises(ValueError, match=r"^the spectral norm of A overflows: .* about 5.0e\+308"):
        spectral_norm(np.full((5, 5), 1e308))


def test_the_part_of_a_vector_nearly_in_the_span_is_orthogonal_to_it_all_the_same():
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.standard_normal((50, 20)))[0].T
    x = basis.T @ rng.standard_normal(20) + 1e-9 * rng.standard_normal(50)
    length, direction = norms._orthonormal_part(x, basis)
    assert np.abs(basis @ direction).max() < 1e-15
    assert np.linalg.norm(direction) == pytest.approx(1, rel=1e-15)
    assert length == pytest.approx(np.linalg.norm(x - basis.T @ (basis @ x)), rel=1e-6)


def test_what_is_left_of_a_vector_in_the_span_is_zero():
    basis = np.linalg.qr(np.random.default_rng(0).standard_normal((9, 3)))[0].T
    length, direction = norms._orthonormal_part(basis.T @ [1.0, 2.0, 3.0], basis)
    assert length == 0
    assert not direction.any()


def test_a_norm_that_overflows_is_told_by_how_much():
    sentence = r"^the spectral norm of A overflows: it reaches about 3.0e\+308, .* is 1.8e\+308$"
    with pytest.raises(ValueError, match=sentence):
        spectral_norm(np.full((3, 3), 1e308))
