"""The reduced row echelon form, against exact elimination of fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from matnn_lib.linalg import rank, row_echelon
from tests.linalg.awkward import frank, hilbert, kahan, nilpotent, rank_one

few = settings(max_examples=50, deadline=None, derandomize=True)
integer_matrices = arrays(
    np.int64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.integers(-4, 4)
)


def exact_form(A):
    """Return R and the pivots by elimination of fractions, in which nothing is rounded."""
    R = [[Fraction(x) for x in row] for row in np.asarray(A, dtype=float).tolist()]
    pivots = []
    for column in range(len(R[0])):
        row = len(pivots)
        below = [i for i in range(row, len(R)) if R[i][column] != 0]
        if not below:
            continue
        R[row], R[below[0]] = R[below[0]], R[row]
        R[row] = [x / R[row][column] for x in R[row]]
        for i in range(len(R)):
            if i != row:
                R[i] = [x - R[i][column] * y for x, y in zip(R[i], R[row], strict=True)]
        pivots.append(column)
    return np.array([[float(x) for x in row] for row in R]), tuple(pivots)


@few
@given(integer_matrices)
def test_the_form_of_an_integer_matrix_is_the_exact_one(A):
    R, pivots = row_echelon(A)
    expected, expected_pivots = exact_form(A)
    assert pivots == expected_pivots
    np.testing.assert_allclose(R, expected, atol=1e-11 * max(1, np.abs(expected).max()))


@few
@given(integer_matrices)
def test_pivots_are_one_alone_in_their_column_and_as_many_as_the_rank(A):
    R, pivots = row_echelon(A)
    assert len(pivots) == rank(A)
    for row, column in enumerate(pivots):
        assert np.array_equal(R[:, column], np.eye(len(R))[row])
        assert not R[row, :column].any()
    assert not R[len(pivots) :].any()


@few
@given(integer_matrices)
def test_rows_and_pivot_columns_multiply_back_to_the_matrix(A):
    R, pivots = row_echelon(A)
    if pivots:
        np.testing.assert_allclose(A[:, list(pivots)] @ R[: len(pivots)], A, atol=1e-10)


@pytest.mark.parametrize("A", [hilbert(5), frank(7), nilpotent(4), 1e200 * frank(4)])
def test_awkward_matrices_have_their_exact_form(A):
    R, pivots = row_echelon(A)
    expected, expected_pivots = exact_form(A)
    assert pivots == expected_pivots
    np.testing.assert_allclose(R, expected, atol=1e-9)


def test_the_largest_entry_is_the_pivot_so_that_nothing_is_swamped():
    R, _ = row_echelon([[1e-20, 1.0, 1.0], [1.0, 1.0, 2.0]], tol=0.0)
    np.testing.assert_allclose(R[:, 2], [1.0, 1.0], rtol=1e-15)  # from the top: 0 and 1


def test_rounding_errors_are_no_pivots():
    R, pivots = row_echelon(rank_one(4, 5))
    assert pivots == (0,)
    assert not R[1:].any()
    assert row_echelon(np.full((3, 3), 0.1) @ np.full((3, 3), 0.3)).pivots == (0,)


def test_pivots_of_kahans_matrix_hide_how_near_it_is_to_a_lower_rank():
    A = kahan(90, 1.2)
    assert len(row_echelon(A).pivots) == 90
    assert rank(A) == 89


@pytest.mark.parametrize("scale", [1e-250, 1e250])
def test_the_tolerance_is_in_units_of_the_entries(scale):
    A = scale * np.diag([1.0, 1e-3])
    assert row_echelon(A, tol=0.0).pivots == (0, 1)
    assert row_echelon(A, tol=1e-2 * scale).pivots == (0,)
    assert row_echelon(A, tol=1e308).pivots == ()


def test_no_negative_zero_meets_the_reader_and_the_argument_stays():
    A = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 8.0]])
    R, _ = row_echelon(A)
    assert not np.signbit(R).any()
    assert A.tolist() == [[1, 2, 3], [2, 4, 8]]
    assert row_echelon(A.astype(np.float32)).R.dtype == np.float32
    assert row_echelon(np.zeros((2, 2))).pivots == ()
