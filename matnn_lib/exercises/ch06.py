"""Chapter 06, A network is a chain of matrices: gradients as products, and what they don't show."""

from __future__ import annotations

import numpy as np

from matnn_lib.exercises import ch06_gradients as gradients
from matnn_lib.exercises import ch06_trials as trials
from matnn_lib.exercises.exercise import Case, Exercise, Mistake

_COMPLEX_STEP = "closed form: complex-step derivatives of the loss"

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
        rtol=2e-3,  # a pocket calculator and three digits will do
        mistakes=(
            Mistake("not through w2", gradients.by_hand(through=False)),
            Mistake("no hidden slope", gradients.by_hand(hidden_slope=lambda a: 1.0)),
            Mistake("no factor 2", gradients.by_hand(two=1.0)),
            Mistake("the sigmoid's slope", gradients.by_hand(tanh_slope=lambda y: y * (1 - y))),
        ),
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
                "rows only", gradients.two_layers_with(start=lambda y, t: 2 * (y - t) / len(y))
            ),
            Mistake("a sum, no mean", gradients.two_layers_with(start=lambda y, t: 2 * (y - t))),
            Mistake(
                "no hidden slope", gradients.two_layers_with(hidden_slope=lambda a: np.ones_like(a))
            ),
            Mistake("biases averaged", gradients.two_layers_with(gather=lambda d: d.mean(axis=0))),
            Mistake("the sigmoid's slope", gradients.two_layers_with(slope=lambda y: y * (1 - y))),
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
            Mistake("a sum, no mean", gradients.broken_step(summed=True)),
            Mistake("untouched", gradients.broken_step(new_w2=True, slope_of_z=True, summed=True)),
        ),
    ),
    Exercise(
        id="06.4",
        level="core",
        minutes=7,
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
            Mistake("last layer first", lambda X, T, W: gradients.chain_with()(X, T, W)[::-1]),
            Mistake("no slope at the output", gradients.chain_with(last_slope=False)),
            Mistake("no slopes inside", gradients.chain_with(hidden_slopes=False)),
            Mistake("a sum, no mean", gradients.chain_with(start=lambda Y, T: 2 * (Y - T))),
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
            Mistake("the average", lambda X, W: sum(gradients.tied_parts(X, W)) / 2),
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
        ),
        oracle=trials.how_wrong,
        oracle_name=_COMPLEX_STEP,
        rtol=1e-4,  # differences keep about eight digits
        atol=1e-5,
        mistakes=(
            Mistake("relative to the gradient under test", trials.relative_to_itself),
            Mistake("inner product", trials.inner_product),
            Mistake("absolute error", trials.absolute_error),
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
        ),
    ),
)
