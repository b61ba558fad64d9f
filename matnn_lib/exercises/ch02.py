"""Chapter 02, Rank: elimination, numerical rank, and how fast depth takes the effective one."""

from __future__ import annotations

import numpy as np

from matnn_lib.exercises import ch02_elimination as elimination
from matnn_lib.exercises import ch02_spectra as spectra
from matnn_lib.exercises.exercise import Case, Exercise, Mistake

EXERCISES = (
    Exercise(
        id="02.1",
        level="warm-up",
        minutes=4,
        kind="value",
        answer="echelon_form",
        cases=(Case("the reduced row echelon form", elimination.by_hand, points=2),),
        oracle=elimination.reduced,
        oracle_name="numpy.linalg.lstsq",
        atol=1e-9,
        mistakes=(
            Mistake("not cleared above", elimination.not_cleared_above),
            Mistake("pivot not divided", elimination.not_divided),
            Mistake("columns instead of rows", elimination.columns_instead),
            Mistake("zero row dropped", lambda A: elimination.reduced(A)[:2]),
        ),
    ),
    Exercise(
        id="02.2",
        level="warm-up",
        minutes=3,
        kind="value",
        answer="four_ranks",
        cases=(Case("the four ranks", elimination.four_matrices, points=2),),
        oracle=lambda *matrices: np.array([int(np.linalg.matrix_rank(M)) for M in matrices]),
        oracle_name="numpy.linalg.matrix_rank",
        mistakes=(
            Mistake("rows that are not zero", elimination.rows_not_zero),
            Mistake("eigenvalues that are not zero", elimination.eigenvalues_not_zero),
            Mistake("the smaller size", lambda *M: np.array([min(A.shape) for A in M])),
        ),
    ),
    Exercise(
        id="02.3",
        level="core",
        minutes=4,
        kind="function",
        answer="clear_column",
        cases=(
            Case("the first column", elimination.first_column, points=2),
            Case("a second pivot", elimination.second_pivot),
            Case("the last row", elimination.last_row),
            Case("a column that is clear already", elimination.cleared_already, edge=True),
        ),
        oracle=elimination.one_step,
        oracle_name="numpy.linalg.solve",
        mistakes=(
            Mistake("only below", elimination.only_below),
            Mistake("pivot not divided", elimination.pivot_left),
            Mistake("divided too late", elimination.divided_too_late),
            Mistake("cleared itself", elimination.cleared_itself),
        ),
    ),
    Exercise(
        id="02.4",
        level="core",
        minutes=5,
        kind="function",
        answer="column_row",
        cases=(
            Case("a wide matrix", elimination.wide, points=2),
            Case("a tall matrix, first column zero", elimination.tall),
            Case("a single sheet", elimination.one_pivot),
            Case("independent columns", elimination.full_rank, edge=True),
        ),
        oracle=elimination.column_row,
        oracle_name="numpy.linalg.lstsq",
        mistakes=(
            Mistake("the first columns", elimination.first_columns),
            Mistake("columns of the echelon form", elimination.echelon_columns),
            Mistake("rows of the matrix", elimination.rows_of_the_matrix),
            Mistake("zero rows kept", elimination.zero_rows_kept),
        ),
    ),
    Exercise(
        id="02.5",
        level="core",
        minutes=4,
        kind="function",
        answer="numerical_rank",
        cases=(
            Case("more columns than rows", spectra.rectangular, points=2),
            Case("entries near 1e-20", spectra.tiny),
            Case("entries near 1e20", spectra.huge),
            Case("a diagonal above the diagonal", spectra.shift),
            Case("zero on and below the diagonal", spectra.strictly_upper),
            Case("the zero matrix", spectra.zero_matrix, edge=True),
        ),
        oracle=lambda A: int(np.linalg.matrix_rank(A)),
        oracle_name="numpy.linalg.matrix_rank",
        mistakes=(
            Mistake("as it was", spectra.as_it_was),
            Mistake("absolute tolerance", spectra.absolute),
            Mistake("anything above zero", spectra.above_zero),
            Mistake("eigenvalues", spectra.by_eigenvalues),
        ),
    ),
    Exercise(
        id="02.6",
        level="core",
        minutes=4,
        kind="function",
        answer="effective_rank_from_logs",
        cases=(
            Case("a handful", spectra.few, points=2),
            Case("sixty-four over twenty decades", spectra.many),
            Case("all below the smallest float", spectra.vanished),
            Case("all above the largest float", spectra.exploded),
            Case("some exactly zero", spectra.with_zeros, edge=True),
        ),
        oracle=spectra.effective,
        oracle_name="scipy.special.entr",
        mistakes=(
            Mistake("squares", spectra.of_squares),
            Mistake("bits", spectra.in_bits),
            Mistake("entropy only", spectra.entropy),
            Mistake("exponential first", spectra.exponential_first),
            Mistake("participation ratio", spectra.inverse_participation),
        ),
    ),
    Exercise(
        id="02.7",
        level="stretch",
        minutes=8,
        kind="function",
        answer="layers_to_half",
        cases=(
            Case("4 × 4, Gaussian", spectra.narrow, points=2),
            Case("6 × 6, Gaussian", spectra.wider),
            Case("layers that shrink by 1e-60", spectra.shrinking),
            Case("orthogonal layers", spectra.rotations, edge=True),
        ),
        oracle=spectra.first_below,
        oracle_name="property: the SVD of the scaled products",
        mistakes=(
            Mistake("counted from zero", spectra.counted_from_zero),
            Mistake("stable rank", spectra.with_stable_rank),
            Mistake("each layer alone", spectra.each_alone),
        ),
    ),
)
