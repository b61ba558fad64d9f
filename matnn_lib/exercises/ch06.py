"""Chapter 06, A network is a chain of matrices: gradients as products, and what they don't show."""

from __future__ import annotations

import numpy as np

from matnn_lib._validation import Floats
from matnn_lib.exercises import ch06_gradients as gradients
from matnn_lib.exercises import ch06_trials as trials
from matnn_lib.exercises.exercise import Case, Exercise, Mistake

_COMPLEX_STEP = "closed form: complex-step derivatives of the loss"


def _nothing(Y: Floats) -> int:
    return 1


EXERCISES = (
    Exercise(
        id="06.1",
        level="warm-up",
        minutes=3,
        kind="value",
        answer="answer_06_1",
        cases=(Case("the numbers of the question", gradients.scalar_net, points=2),),
        oracle=gradients.scalar_slope,
        oracle_name=_COMPLEX_STEP,
        rtol=6e-3,  # a pocket calculator and three right digits will do: 1.63 for 1.6349
        mistakes=tuple(Mistake(name, wrong) for name, wrong in gradients.BY_HAND.items()),
    ),
    Exercise(
        id="06.2",
        level="warm-up",
        minutes=5,
        kind="function",
        answer="two_layer_gradients",
        cases=(
            Case("a narrow hidden layer", gradients.narrow, points=2),
            Case("a wide hidden layer", gradients.wide),
            Case("a batch of one example", gradients.one_example, edge=True),
        ),
        oracle=gradients.two_layers,
        oracle_name=_COMPLEX_STEP,
        mistakes=(
            Mistake(
                "no hidden slope",
                gradients.two_layers_with(hidden_slope=lambda a, z: np.ones_like(a)),
            ),
            Mistake(
                "the sigmoid's slope",
                gradients.two_layers_with(hidden_slope=lambda a, z: a * (1 - a)),
            ),
            Mistake("slope of z", gradients.two_layers_with(hidden_slope=lambda a, z: 1 - z * z)),
            Mistake("biases averaged", gradients.two_layers_with(gather=lambda d: d.mean(axis=0))),
            Mistake("biases to one number", gradients.two_layers_with(gather=np.sum)),
            Mistake("biases by row", gradients.two_layers_with(gather=lambda d: d.sum(axis=1))),
            Mistake("last layer first", gradients.two_layers_with(order=(2, 3, 0, 1))),
            Mistake("weights first", gradients.two_layers_with(order=(0, 2, 1, 3))),
        ),
    ),
    Exercise(
        id="06.3",
        level="core",
        minutes=7,
        kind="function",
        answer="mended_step",
        cases=(
            Case("one output", gradients.small_step, points=2),
            Case("several outputs", gradients.several_outputs),
            Case("a single example", gradients.single_example, edge=True),
        ),
        oracle=gradients.step,
        oracle_name=_COMPLEX_STEP,
        mistakes=(
            Mistake("new w2", gradients.broken_step(new_w2=True)),
            Mistake("slope of z", gradients.broken_step(slope_of_z=True)),
            Mistake("a sum, no mean", gradients.broken_step(divisor=_nothing)),
            Mistake("rows only", gradients.broken_step(divisor=len)),
            Mistake("new w2, slope of z", gradients.broken_step(new_w2=True, slope_of_z=True)),
            Mistake("new w2, a sum", gradients.broken_step(new_w2=True, divisor=_nothing)),
            Mistake("slope of z, a sum", gradients.broken_step(slope_of_z=True, divisor=_nothing)),
            Mistake(
                "untouched",
                gradients.broken_step(new_w2=True, slope_of_z=True, divisor=_nothing),
            ),
        ),
    ),
    Exercise(
        id="06.4",
        level="core",
        minutes=8,
        kind="function",
        answer="chain_gradients",
        cases=(
            Case("three layers", gradients.three_links, points=2),
            Case("six layers", gradients.six_links, points=2),
            Case("one layer", gradients.one_link, edge=True),
        ),
        oracle=gradients.chain_slopes,
        oracle_name=_COMPLEX_STEP,
        mistakes=(
            Mistake("last layer first", gradients.chain_with(backwards=True)),
            Mistake("no slope at the output", gradients.chain_with(last_slope=False)),
            Mistake("no slopes inside", gradients.chain_with(hidden_slopes=False)),
            Mistake("a sum, no mean", gradients.chain_with(divisor=_nothing)),
            Mistake("rows only", gradients.chain_with(divisor=len)),
            Mistake("Frobenius norms", gradients.chain_with(stretch=gradients.frobenius_bound)),
            Mistake("no root", gradients.chain_with(stretch=gradients.eigenvalue_bound)),
            Mistake("stretches added", gradients.chain_with(joined=np.sum)),
            Mistake("the largest alone", gradients.chain_with(joined=max)),
        ),
    ),
    Exercise(
        id="06.5",
        level="core",
        minutes=6,
        kind="function",
        answer="tied_gradient",
        cases=(
            Case("a matrix that squeezes", gradients.squeezing, points=2),
            Case("a matrix that widens", gradients.widening),
            Case("one hidden unit", gradients.one_hidden_unit, edge=True),
        ),
        oracle=gradients.tied_slopes,
        oracle_name=_COMPLEX_STEP,
        mistakes=(
            Mistake("first use only", lambda X, W: gradients.tied_parts(X, W)[0]),
            Mistake("second use only", lambda X, W: gradients.tied_parts(X, W)[1]),
            Mistake("half", lambda X, W: sum(gradients.tied_parts(X, W)) / 2),
            Mistake("no slope", lambda X, W: sum(gradients.tied_parts(X, W, slope=False))),
            Mistake("rows only", lambda X, W: sum(gradients.tied_parts(X, W)) * X.shape[1]),
        ),
    ),
    Exercise(
        id="06.6",
        level="core",
        minutes=6,
        kind="function",
        answer="how_wrong",
        cases=(
            Case("a gradient that is too long", trials.too_long),
            Case("a gradient with the sigmoid's slope", trials.wrong_slope),
            Case("random numbers", trials.random_numbers),
            Case("the right gradient", trials.right_gradient, edge=True),
            Case("close to a minimum", trials.near_a_minimum, edge=True),
        ),
        oracle=trials.how_wrong,
        oracle_name=_COMPLEX_STEP,
        rtol=1e-4,  # close to a minimum differences keep four digits, elsewhere about eight
        atol=1e-5,
        mistakes=(
            Mistake("relative to the gradient under test", trials.relative_to_itself),
            Mistake("inner product", trials.inner_product),
            Mistake("absolute error", trials.absolute_error),
            Mistake("no half", trials.not_halved),
            Mistake("one side only", trials.one_sided),
        ),
    ),
    Exercise(
        id="06.7",
        level="core",
        minutes=2,
        kind="choice",
        answer="answer_06_7",
        cases=(Case("the choice", points=2),),
        right="control",
    ),
    Exercise(
        id="06.8",
        level="stretch",
        minutes=10,
        kind="function",
        answer="read_pinwheel",
        cases=(
            Case("three arms", trials.three_arms, points=2),
            Case("four arms", trials.four_arms, points=2),
        ),
        verify=trials.reads_the_arms,
        oracle_name="property: the share of test points whose arm is read right",
        trains=True,
        mistakes=(
            Mistake("a linear classifier", trials.linear_classifier),
            Mistake("the nearest mean", trials.nearest_mean),
            Mistake("the commonest class", trials.commonest),
            Mistake("the nearest point", trials.nearest_point),
        ),
    ),
)
