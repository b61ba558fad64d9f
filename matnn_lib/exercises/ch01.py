"""Chapter 01, Matrices: products, shapes, prices, and the way back through a layer."""

from __future__ import annotations

import numpy as np

from matnn_lib.exercises import ch01_gradients as gradients
from matnn_lib.exercises import ch01_shapes as shapes
from matnn_lib.exercises.exercise import Case, Exercise, Mistake

EXERCISES = (
    Exercise(
        id="01.1",
        level="warm-up",
        minutes=3,
        kind="value",
        answer="product_by_hand",
        cases=(Case("the product", shapes.by_hand, points=2),),
        oracle=lambda A, B: np.matmul(A, B),
        oracle_name="numpy.matmul",
        mistakes=(
            Mistake("entry by entry", lambda A, B: A * B),
            Mistake("other order", lambda A, B: B @ A),
            Mistake("rows with rows", lambda A, B: A @ B.T),
            Mistake("columns with columns", lambda A, B: A.T @ B),
        ),
    ),
    Exercise(
        id="01.2",
        level="warm-up",
        minutes=3,
        kind="value",
        answer="gradient_of_input",
        cases=(Case("the gradient of x", gradients.one_example, points=2),),
        oracle=lambda x, W, dy: np.inner(W, dy),
        oracle_name="numpy.inner",
        mistakes=(
            Mistake("transpose forgotten", lambda x, W, dy: dy @ W),
            Mistake("gradient of the weights", lambda x, W, dy: np.outer(x, dy)),
            Mistake("undone instead of transposed", lambda x, W, dy: dy @ np.linalg.inv(W)),
            Mistake("forward again", lambda x, W, dy: x @ W),
        ),
    ),
    Exercise(
        id="01.3",
        level="core",
        minutes=4,
        kind="function",
        answer="sheets",
        cases=(
            Case("a batch", gradients.batch, points=2),
            Case("as many inputs as outputs", gradients.square_sheets),
            Case("a single example", gradients.single_example, edge=True),
        ),
        oracle=lambda X, dY: np.einsum("ai,aj->aij", X, dY),
        oracle_name="numpy.einsum",
        mistakes=(
            Mistake("sheets transposed", lambda X, dY: np.einsum("ai,aj->aji", X, dY)),
            Mistake("divided by n", lambda X, dY: np.einsum("ai,aj->aij", X, dY) / len(X)),
            Mistake("added up on the way", lambda X, dY: np.einsum("ai,aj->aij", X, dY).cumsum(0)),
            Mistake("only the sum", lambda X, dY: X.T @ dY),
        ),
    ),
    Exercise(
        id="01.4",
        level="core",
        minutes=5,
        kind="function",
        answer="first_misfit",
        cases=(
            Case("one matrix does not fit", shapes.one_misfit, points=2),
            Case("two do not", shapes.two_misfits),
            Case("one lies on its side", shapes.turned),
            Case("all fit", shapes.all_fit, edge=True),
        ),
        oracle=shapes.multiplied,
        oracle_name="numpy.matmul",
        mistakes=(
            Mistake("counted from one", lambda given: shapes.multiplied(given) + 1),
            Mistake("the one before", lambda given: shapes.multiplied(given) - 1),
            Mistake("a misfit at once", shapes.columns_compared),
            Mistake("not updated", shapes.not_updated),
            Mistake("the last", lambda given: max(shapes.misfits(given), default=len(given))),
        ),
    ),
    Exercise(
        id="01.5",
        level="core",
        minutes=5,
        kind="function",
        answer="multiplications",
        cases=(
            Case("one row", shapes.one_row, points=2),
            Case("one column", shapes.one_output),
            Case("an hourglass", shapes.hourglass),
            Case("two factors only", shapes.two_factors, edge=True),
        ),
        oracle=shapes.counts,
        oracle_name="closed form: d_0 Σ d_i d_{i+1} and d_k Σ d_{i-1} d_i",
        mistakes=(
            Mistake("additions too", shapes.with_additions),
            Mistake("entries only", shapes.entries),
            Mistake("other way round", lambda sizes: shapes.counts(sizes)[::-1]),
            Mistake("neighbours", shapes.neighbours),
            Mistake("one product too many", shapes.from_the_identity),
        ),
    ),
    Exercise(
        id="01.6",
        level="core",
        minutes=6,
        kind="function",
        answer="pullback",
        cases=(
            Case("batch, inputs and outputs of one size", gradients.all_sizes_alike),
            Case("a square layer", gradients.square_layer),
            Case("a narrowing layer", gradients.narrowing, points=2),
            Case("a single example", gradients.lone_example, edge=True),
        ),
        oracle=gradients.pulled_back,
        oracle_name="numpy.einsum",
        mistakes=(
            Mistake("W not transposed", lambda X, W, dY: (dY @ W, X.T @ dY, dY.sum(axis=0))),
            Mistake(
                "gradient of W transposed", lambda X, W, dY: (dY @ W.T, dY.T @ X, dY.sum(axis=0))
            ),
            Mistake("mean for the bias", lambda X, W, dY: (dY @ W.T, X.T @ dY, dY.mean(axis=0))),
            Mistake("means for both", gradients.means_for_both),
            Mistake("dW first", lambda X, W, dY: (X.T @ dY, dY @ W.T, dY.sum(axis=0))),
            Mistake("bias summed over outputs", lambda X, W, dY: (dY @ W.T, X.T @ dY, dY.sum(1))),
            Mistake("dX alone is right", lambda X, W, dY: (dY @ W.T, dY.T @ X, dY.mean(axis=0))),
            Mistake("dW alone is right", lambda X, W, dY: (dY @ W, X.T @ dY, dY.mean(axis=0))),
            Mistake("db alone is right", lambda X, W, dY: (dY @ W, dY.T @ X, dY.sum(axis=0))),
            Mistake("as it was", lambda X, W, dY: (dY @ W, dY.T @ X, dY.mean(axis=0))),
        ),
    ),
    Exercise(
        id="01.7",
        level="stretch",
        minutes=9,
        kind="function",
        answer="agreement",
        cases=(
            Case("Gaussian weights", gradients.gaussian_chain, points=2),
            Case("orthogonal weights", gradients.orthogonal_chain),
            Case("skew-symmetric weights", gradients.skew_chain),
            Case("symmetric weights", gradients.symmetric_chain, edge=True),
        ),
        oracle=gradients.explicit,
        oracle_name="numpy.linalg.multi_dot",
        mistakes=(
            Mistake("rows apart", gradients.rows_apart),
            Mistake("one fault each", gradients.one_fault_each),
            Mistake(
                "first layer first",
                lambda weights, dY: np.array(
                    [gradients.cosine(*p) for p in gradients.both_ways(weights, dY)]
                ),
            ),
            Mistake("at the output", gradients.at_the_output),
            Mistake("listed backwards", lambda weights, dY: gradients.explicit(weights, dY)[::-1]),
        ),
    ),
)
