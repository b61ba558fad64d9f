"""Scaling by powers of two rounds nothing and finds back what a matrix was scaled by."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.linalg.scaling import balance, equilibrate, join_scale, scale_number, split_scale

few = settings(max_examples=25, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)


@few
@given(seeds, st.integers(-300, 300))
def test_splitting_and_joining_give_the_same_bits(seed, power):
    A = np.random.default_rng(seed).standard_normal((3, 4)) * 10.0**power
    B, exponent = split_scale(A)
    assert 0.5 <= np.abs(B).max() < 1
    assert np.array_equal(join_scale("A", B, exponent), A)


def test_zero_has_no_scale():
    B, exponent = split_scale(np.zeros((2, 2)))
    assert not B.any()
    assert exponent == 0
    B, r, c = equilibrate(np.zeros((2, 3)))
    assert not B.any()
    assert np.ptp(r) == np.ptp(c) == 0


def test_joining_says_what_does_not_fit():
    assert join_scale("A", np.array([0.5]), 1024)[0] == 2.0**1023
    with pytest.raises(ValueError, match=r"^A overflows: it reaches about 1.8e\+308, and the"):
        join_scale("A", np.array([0.5]), 1025)
    with pytest.raises(ValueError, match=r"^A overflows: it reaches about 9.9e\+301029, and"):
        join_scale("A", np.array([1.0]), 10**6)
    assert join_scale("A", np.array([1.0]), -(10**6))[0] == 0


def test_numbers_scale_to_infinity_and_to_zero():
    assert scale_number(3.0, 2) == 12.0
    assert scale_number(1.0, 1023) == 2.0**1023
    assert scale_number(1.0, 1024) == np.inf
    assert scale_number(1.0, -2000) == 0.0
    assert scale_number(0.0, 5000) == 0.0


@few
@given(seeds, st.integers(2, 6), st.integers(2, 6), st.floats(0, 0.4))
def test_equilibrating_finds_back_how_rows_and_columns_were_scaled(seed, m, n, zeros):
    rng = np.random.default_rng(seed)
    M = rng.uniform(0.5, 2, (m, n)) * rng.choice([-1, 1], (m, n))
    M[rng.random((m, n)) < zeros] = 0
    M[0], M[:, 0] = 1, 1  # every row and column is tied to the others
    A = 10.0 ** rng.uniform(-100, 100, (m, 1)) * M * 10.0 ** rng.uniform(-100, 100, n)
    B, r, c = equilibrate(A)
    assert np.array_equal(np.ldexp(B, r[:, None] + c), A)
    found = np.abs(B[M != 0])
    assert found.max() <= 1
    assert found.min() > 1e-3


def test_balancing_brings_back_what_a_similarity_pulled_apart():
    T = np.diag(np.full(5, 2.0)) + np.eye(5, k=1) + np.eye(5, k=-1)
    scales = 2.0 ** np.array([450, -450, 450, -450, 0])
    B, d = balance(T * scales[:, None] / scales)
    assert np.abs(np.log2(B[T != 0])).max() < 10
    assert np.array_equal(np.ldexp(B, d[:, None] - d), T * scales[:, None] / scales)


def test_balancing_leaves_ordinary_triangular_and_zero_matrices_alone():
    rng = np.random.default_rng(0)
    for A in (rng.standard_normal((4, 4)), np.diag([1e200, 1e-200]), np.zeros((2, 2))):
        B, d = balance(A)
        assert np.array_equal(A, B)
        assert not d.any()
    upper = np.array([[1e-200, 1e200], [0.0, 1e-200]])
    assert np.array_equal(balance(upper)[0], upper)


def test_rows_and_columns_of_zeros_have_the_scale_of_the_others():
    A = np.array([[1e100, 0.0, 3e100], [0.0, 0.0, 0.0]])
    _, r, c = equilibrate(A)
    assert np.ptp(r) == 0
    assert np.ptp(c) <= 2


def test_importing_linalg_imports_nothing_heavy():
    program = (
        "import sys; from matnn_lib import linalg; "
        "print([m for m in ('scipy', 'matplotlib', 'IPython', 'tqdm') if m in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, check=True).stdout.strip() == b"[]"
