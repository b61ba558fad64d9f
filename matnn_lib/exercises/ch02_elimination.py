"""Elimination: cases, right answers and wrong ones of chapter 02's exercises on rank by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib.exercises.exercise import Arguments

Array = NDArray[Any]


def _whole(rng: np.random.Generator, *shape: int) -> Array:
    """Whole numbers from −3 to 3 without 0."""
    numbers: Array = rng.choice([-3, -2, -1, 1, 2, 3], shape)
    return numbers


def by_hand(rng: np.random.Generator) -> Arguments:
    """A 3 × 4 matrix of rank 2, pivots in columns 1 and 3, that needs no fractions."""
    a, b, c, x, p, r, s = _whole(rng, 7).tolist()
    second = int(rng.choice([-2, -1, 2, 3]))  # the second pivot before it is divided
    R = np.array([[1, a, 0, b], [0, 0, 1, c]])
    C = np.array([[1, x], [p, p * x + second], [r, s]])
    return (C @ R,)


def reduced(A: Array) -> Array:
    """The echelon form of `by_hand`'s matrix: its columns in terms of columns 1 and 3."""
    top = np.linalg.lstsq(A[:, [0, 2]].astype(float), A.astype(float), rcond=None)[0]
    return np.vstack([top, np.zeros((1, A.shape[1]))])


def not_cleared_above(A: Array) -> Array:
    """The entry above the second pivot was left."""
    R = reduced(A)
    R[0] += A[0, 2] / A[0, 0] * R[1]
    return R


def not_divided(A: Array) -> Array:
    """The second pivot was not divided to 1."""
    R = reduced(A)
    R[1] *= A[1, 2] - A[1, 0] / A[0, 0] * A[0, 2]
    return R


def not_reduced(A: Array) -> Array:
    """Cleared below the pivots only, and not divided."""
    R = np.zeros(A.shape)
    R[0] = A[0]
    R[1] = A[1] - A[1, 0] / A[0, 0] * A[0]
    return R


def columns_instead(A: Array) -> Array:
    """Columns subtracted from columns: the echelon form of the transpose, on its side."""
    first, second = (A[:, j].astype(float) for j in (0, 2))
    basis = np.linalg.solve(np.array([first[:2], second[:2]]), np.array([first, second]))
    return np.column_stack([*basis, np.zeros(3), np.zeros(3)])


def four_matrices(rng: np.random.Generator) -> Arguments:
    """One sheet, a nilpotent matrix, a triangular one, four mixes of two rows; in any order."""
    while True:
        u, v = _whole(rng, 3), _whole(rng, 3)
        if u @ v != 0:
            break
    sheet = np.outer(u, v)
    nilpotent = np.triu(_whole(rng, 3, 3), k=1)
    triangular = np.tril(_whole(rng, 3, 3))
    while True:
        U, V = _whole(rng, 4), _whole(rng, 4)
        mixes = np.array([U, V, U + V, U - V])
        if np.linalg.matrix_rank(mixes) == 2 and mixes.any(axis=1).all():
            break
    matrices = [sheet, nilpotent, triangular, mixes]
    return tuple(matrices[i] for i in rng.permutation(4))


def rows_not_zero(*matrices: Array) -> Array:
    """How many rows are not zero."""
    return np.array([int(M.any(axis=1).sum()) for M in matrices])


def of_the_mixes(guess: int, *matrices: Array) -> Array:
    """All ranks right but that of the four mixes of two rows."""
    return np.array([guess if len(M) == 4 else np.linalg.matrix_rank(M) for M in matrices])


def eigenvalues_not_zero(*matrices: Array) -> Array:
    """How many eigenvalues are not zero, up to rounding."""
    return np.array([int((np.abs(np.linalg.eigvals(M)) > 1e-6).sum()) for M in matrices])


def first_column(rng: np.random.Generator) -> Arguments:
    """The start of an elimination."""
    m, n = int(rng.integers(3, 6)), int(rng.integers(3, 7))
    return rng.standard_normal((m, n)) * 10.0 ** rng.uniform(-2, 2), 0, 0


def second_pivot(rng: np.random.Generator) -> Arguments:
    """Column 1 is cleared; the next pivot is in row 2, behind columns that have none."""
    A = rng.standard_normal((5, 6)) * 10.0 ** rng.uniform(-1, 1)
    A[:, 0] = [1, 0, 0, 0, 0]
    column = int(rng.integers(1, 4))
    # As elimination leaves it: whoever changes the columns from the pivot's on is right, too.
    A[1:, 1:column] = 0
    return A, 1, column


def last_row(rng: np.random.Generator) -> Arguments:
    """The last pivot: there is nothing below it."""
    A = rng.standard_normal((3, 5))
    A[:, :2] = np.eye(3)[:, :2]
    A[2, 2] = 0
    return A, 2, 3


def cleared_already(rng: np.random.Generator) -> Arguments:
    """A column of the identity: there is nothing to do."""
    A = rng.standard_normal((4, 4))
    A[:, :2] = np.eye(4)[:, :2]
    return A, 1, 1


def exchanged(A: Array, row: int, column: int) -> Array:
    """`A` with the largest candidate for the pivot in its row."""
    R = A.astype(float)
    p = row + int(np.abs(R[row:, column]).argmax())
    R[[row, p]] = R[[p, row]]
    return R


def one_step(A: Array, row: int, column: int) -> Array:
    """The step as a product: undo the matrix that has the column where the identity has its own."""
    R = exchanged(A, row, column)
    M = np.eye(len(R))
    M[:, row] = R[:, column]
    solved: Array = np.linalg.solve(M, R)
    solved[:, column] = np.eye(len(R))[:, row]  # so that no rounding is shown as expected
    return solved


def only_below(A: Array, row: int, column: int) -> Array:
    """Rows above the pivot are left."""
    R = one_step(A, row, column)
    R[:row] = exchanged(A, row, column)[:row]
    return R


def pivot_left(A: Array, row: int, column: int) -> Array:
    """All is cleared, but the pivot's row was not divided."""
    R = one_step(A, row, column)
    R[row] = exchanged(A, row, column)[row]
    return R


def divided_too_late(A: Array, row: int, column: int) -> Array:
    """The row was subtracted before it was divided."""
    R = exchanged(A, row, column)
    others = np.arange(len(R)) != row
    R[others] -= np.outer(R[others, column], R[row])
    R[row] /= R[row, column]
    return R


def cleared_itself(A: Array, row: int, column: int) -> Array:
    """The pivot's row was subtracted from itself too."""
    R = one_step(A, row, column)
    R[row] = 0
    return R


def _mixed(rng: np.random.Generator, m: int, n: int, pivots: list[int]) -> Array:
    """An m × n matrix of whole numbers with these pivot columns."""
    r = len(pivots)
    R = np.zeros((r, n))
    for i, column in enumerate(pivots):
        R[i, column + 1 :] = _whole(rng, n - column - 1)
    R[:, pivots] = np.eye(r)
    while True:
        C = _whole(rng, m, r).astype(float)
        if np.linalg.cond(C) < 50:
            return C @ R


def wide(rng: np.random.Generator) -> Arguments:
    """Rank 3, the second column dependent."""
    return (_mixed(rng, 4, 7, [0, 2, int(rng.integers(3, 6))]),)


def tall(rng: np.random.Generator) -> Arguments:
    """Rank 2, the first column zero."""
    return (_mixed(rng, int(rng.integers(6, 9)), 4, [1, 3]),)


def one_pivot(rng: np.random.Generator) -> Arguments:
    """Rank 1, the first two columns zero."""
    return (_mixed(rng, 3, 5, [2]),)


def full_rank(rng: np.random.Generator) -> Arguments:
    """All columns are pivot columns: C is the matrix itself."""
    return (_mixed(rng, 5, 3, [0, 1, 2]),)


def column_row(A: Array) -> tuple[Array, Array]:
    """Take each column that raises the rank; solve for the mixes, which are whole numbers."""
    chosen: list[int] = []
    for j in range(A.shape[1]):
        if np.linalg.matrix_rank(A[:, [*chosen, j]]) > len(chosen):
            chosen.append(j)
    C = A[:, chosen]
    return C, np.round(np.linalg.lstsq(C, A, rcond=None)[0]) + 0.0


def first_columns(A: Array) -> tuple[Array, Array]:
    """The first r columns, whether they are pivot columns or not."""
    _, R = column_row(A)
    return A[:, : len(R)], R


def echelon_columns(A: Array) -> tuple[Array, Array]:
    """C was taken from the echelon form, where pivot columns are those of the identity."""
    _, R = column_row(A)
    return np.eye(len(A))[:, : len(R)], R


def rows_of_the_matrix(A: Array) -> tuple[Array, Array]:
    """R was taken from the rows of the matrix itself."""
    C, R = column_row(A)
    return C, A[: len(R)]


def zero_rows_kept(A: Array) -> tuple[Array, Array]:
    """R is the whole echelon form."""
    C, R = column_row(A)
    return C, np.vstack([R, np.zeros((len(A) - len(R), A.shape[1]))])
