from __future__ import annotations

import pickle
import signal
import sys
import warnings
from itertools import pairwise

import numpy as np
import pytest

from matnn_lib import nn

from .nets import batch, every_layer, read_only, single


def problem(n=50, seed=0):
    """Ten inputs, four classes that a linear map tells apart."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 10))
    labels = (X @ rng.standard_normal((10, 4))).argmax(axis=1)
    network = nn.mlp([10, 8, 4], nn.Tanh(), nn.orthogonal)
    return network, network.init(rng), (X, labels)


def train(network, params, data, **changes):
    arguments = {
        "loss": nn.softmax_cross_entropy,
        "update": nn.momentum(),
        "schedule": nn.constant(0.1),
        "epochs": 4,
        "batch_size": 16,
        "rng": np.random.default_rng(1),
    } | changes
    return nn.train(network, params, data, **arguments)


def test_least_squares_by_gradient_descent_reaches_lapacks_solution():
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((30, 3)), rng.standard_normal((30, 2))
    network = nn.Dense(3, 2)
    (W, b), history = train(
        network, network.init(rng), (X, Y), loss=nn.mean_squared_error,
        update=nn.sgd(), schedule=nn.constant(0.5), epochs=400, batch_size=30,
    )  # fmt: skip
    best = np.linalg.lstsq(np.column_stack([X, np.ones(30)]), Y, rcond=None)[0]
    np.testing.assert_allclose(np.vstack([W, b]), best, atol=1e-12)
    assert (history.outcome, history.steps) == ("finished", 400)
    assert all(later <= before + 1e-15 for before, later in pairwise(history.losses))


def test_a_separable_problem_is_learned():
    network, params, (X, labels) = problem()
    params, history = train(network, params, (X, labels), epochs=60)
    assert (network(params, X)[0].argmax(axis=1) == labels).mean() > 0.95
    assert history.losses[-1] < 0.2 * history.losses[0]


def test_each_epoch_shows_every_example_once_in_another_order_the_short_batch_last():
    X = np.arange(10.0)[:, np.newaxis]
    seen = []

    def loss(output, y):
        seen.append(y[:, 0].copy())
        return 1.0, np.zeros_like(output)

    network = nn.Dense(1, 1)
    params = network.init(np.random.default_rng(0))
    train(network, params, (X, X), loss=loss, epochs=2, batch_size=4)
    batches = seen[-6:]
    assert [len(b) for b in batches] == [4, 4, 2, 4, 4, 2]
    first, second = np.concatenate(batches[:3]), np.concatenate(batches[3:])
    np.testing.assert_array_equal(np.sort(first), X[:, 0])
    np.testing.assert_array_equal(np.sort(second), X[:, 0])
    assert first.tolist() != second.tolist()
    assert first.tolist() != X[:, 0].tolist()


def test_inputs_and_labels_are_shuffled_together():
    X = np.arange(20.0)[:, np.newaxis]

    def loss(output, y):
        np.testing.assert_array_equal(output, 2 * y)
        return 0.0, np.zeros_like(output)

    doubling = (np.array([[2.0]]), np.zeros(1))
    train(nn.Dense(1, 1), doubling, (X, X), loss=loss, batch_size=3)


def test_one_step_is_forward_back_and_update():
    network, params, (X, labels) = problem()
    trained, history = train(network, params, (X, labels), epochs=1, batch_size=99)
    output, pullback = network(params, X)
    value, gradient = nn.softmax_cross_entropy(output, labels)
    update = nn.momentum()
    by_hand, _ = update.step(params, pullback(gradient)[1], update.init(params), 0.1)
    assert history.losses == pytest.approx([value], rel=1e-13)
    nn.tree_map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-14), trained, by_hand)


def test_the_schedule_is_asked_at_each_step_and_the_history_keeps_its_rates():
    network, params, data = problem()
    calls = []
    _, history = train(
        network, params, data, epochs=2, schedule=lambda step: 0.1 / (1 + step),
        on_step=lambda step, loss, params: calls.append((step, loss)),
    )  # fmt: skip
    np.testing.assert_allclose(history.rates, 0.1 / np.arange(1, 9))
    assert calls == list(enumerate(history.losses))
    assert history.steps == len(history.losses) == 8


def test_the_same_seed_gives_the_same_params_bit_for_bit_and_another_seed_does_not():
    network, params, data = problem()
    a, b, c = (
        train(network, params, data, rng=np.random.default_rng(seed))[0] for seed in (1, 1, 2)
    )
    nn.tree_map(np.testing.assert_array_equal, a, b)
    assert any((x != y).any() for x, y in zip(nn.tree_leaves(a), nn.tree_leaves(c), strict=True))


def test_nothing_is_written_to():
    X, labels = batch()
    network = every_layer()
    params = read_only(network.init(np.random.default_rng(0)))
    train(network, params, read_only((X, labels)), update=nn.adam())


@pytest.mark.parametrize(
    ("x_type", "w_type", "expected"),
    [
        (np.float32, np.float32, np.float32),
        (np.float64, np.float32, np.float64),
        (np.float32, np.float64, np.float64),
        (np.int64, np.float64, np.float64),
    ],
)
def test_float32_is_kept_if_inputs_and_params_are_float32(x_type, w_type, expected):
    network, params, (X, labels) = problem()
    params = nn.tree_map(lambda w: w.astype(w_type), params)
    schedule = lambda step: np.float64(0.1)  # noqa: E731
    for update in (nn.momentum(), nn.adam(), nn.chain(nn.sgd(), nn.weight_decay(0.1))):
        trained, _ = train(
            network, params, (X.astype(x_type), labels), update=update, schedule=schedule
        )
        assert {w.dtype for w in nn.tree_leaves(trained)} == {np.dtype(expected)}


def test_float32_is_kept_with_targets_of_float64():
    network, params, (X, _) = problem()
    target = np.random.default_rng(0).standard_normal((50, 4))
    data = (X.astype(np.float32), target)
    trained, _ = train(network, single(params), data, loss=nn.mean_squared_error)
    assert {w.dtype for w in nn.tree_leaves(trained)} == {np.dtype(np.float32)}


def test_no_epochs_leave_the_params_as_they_are():
    network, params, data = problem()
    trained, history = train(network, params, data, epochs=0)
    nn.tree_map(np.testing.assert_array_equal, trained, params)
    assert (history.steps, history.outcome, len(history.losses)) == (0, "finished", 0)


def test_history_survives_pickling():
    network, params, data = problem()
    _, history = train(network, params, data)
    again = pickle.loads(pickle.dumps(history))
    np.testing.assert_array_equal(again.losses, history.losses)
    assert again.message == history.message


def prefix(network, params, data, steps, **changes):
    """What the first steps of a run give: the same run, ended by its callback."""

    def stop(step, loss, params):
        if step == steps - 1:
            raise KeyboardInterrupt

    return train(network, params, data, on_step=stop, **changes)


@pytest.mark.parametrize("where", ["forward", "loss", "step"])
def test_an_interrupt_inside_a_step_returns_the_last_complete_step(where):
    network, params, data = problem()
    calls = {"forward": 0, "loss": 0, "step": 0}

    def counted(name, function):
        def call(*arguments):
            calls[name] += 1
            # Forward and loss run once more before the first step, to check that all fits.
            if name == where and calls[name] == 6 + (name == "forward"):
                raise KeyboardInterrupt
            return function(*arguments)

        return call

    momentum = nn.momentum()
    update = nn.Update(momentum.init, counted("step", momentum.step))
    loss = counted("loss", nn.softmax_cross_entropy)
    calls["loss"] = 0
    trained, history = train(counted("forward", network), params, data, update=update, loss=loss)
    steps = 4 if where == "loss" else 5
    assert (history.outcome, history.steps) == ("interrupted", steps)
    assert str(steps) in history.message
    assert len(history.losses) == len(history.rates) == steps
    expected, _ = prefix(network, params, data, steps)
    nn.tree_map(np.testing.assert_array_equal, trained, expected)


def interrupted_at_line(count, call):
    """Call with a KeyboardInterrupt at the count-th line that `train` itself executes."""
    seen = 0

    def local(frame, event, argument):
        nonlocal seen
        if event == "line":
            seen += 1
            if seen == count:
                raise KeyboardInterrupt
        return local

    def trace(frame, event, argument):
        return local if frame.f_code is nn.train.__code__ else None

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        return call()
    finally:
        sys.settrace(previous)


def test_an_interrupt_at_any_line_leaves_params_history_and_steps_that_belong_together():
    network, params, data = problem()
    expected = [params] + [prefix(network, params, data, steps)[0] for steps in (1, 2, 3, 4)]
    reached = set()
    for count in range(1, 200):
        try:
            trained, history = interrupted_at_line(
                count, lambda: train(network, params, data, epochs=1)
            )
        except KeyboardInterrupt:
            continue  # Before the first step, or when all was done.
        assert len(history.losses) == len(history.rates) == history.steps
        nn.tree_map(np.testing.assert_array_equal, trained, expected[history.steps])
        reached.add((history.outcome, history.steps))
    assert {("interrupted", steps) for steps in range(4)} < reached
    assert ("finished", 4) in reached


def test_a_real_signal_ends_the_training():
    network, params, data = problem()
    previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        trained, history = train(network, params, data, epochs=10**9)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert history.outcome == "interrupted"
    assert len(history.losses) == history.steps
    assert all(np.isfinite(w).all() for w in nn.tree_leaves(trained))


def test_divergence_stops_at_its_step_and_returns_the_last_finite_params():
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((20, 3)), rng.standard_normal((20, 2))
    network = nn.Dense(3, 2)
    params = network.init(rng)
    with pytest.warns(nn.DivergenceWarning) as caught:
        trained, history = train(
            network, params, (X, Y), loss=nn.mean_squared_error, update=nn.sgd(),
            schedule=nn.constant(1e60), epochs=100, batch_size=20,
        )  # fmt: skip
    # Each step multiplies the weights by about 1e60 and the loss by 1e120: it passes 1e308 third.
    assert (history.outcome, history.steps, len(caught)) == ("diverged", 3, 1)
    assert caught[0].filename == __file__
    assert str(caught[0].message) == history.message
    assert "step 3" in history.message
    assert "learning rate" in history.message
    assert np.isfinite(history.losses).all()
    assert len(history.losses) == len(history.rates) == 3
    assert all(np.isfinite(w).all() for w in nn.tree_leaves(trained))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before, _ = prefix(
            network, params, (X, Y), 3, loss=nn.mean_squared_error, update=nn.sgd(),
            schedule=nn.constant(1e60), epochs=100, batch_size=20,
        )  # fmt: skip
    nn.tree_map(np.testing.assert_array_equal, trained, before)


def test_an_update_that_overflows_is_not_taken_even_if_the_loss_is_finite():
    X = np.random.default_rng(0).standard_normal((20, 3))
    network = nn.Dense(3, 1)
    params = network.init(np.random.default_rng(0))
    with pytest.warns(nn.DivergenceWarning, match="step 0 .*parameter.*learning rate"):
        trained, history = train(
            network, params, (X, 100 * X[:, :1]), loss=nn.mean_squared_error,
            schedule=nn.constant(1.7e308),
        )  # fmt: skip
    nn.tree_map(np.testing.assert_array_equal, trained, params)
    assert (history.steps, history.outcome) == (0, "diverged")


def test_the_params_that_a_callback_sees_are_those_of_its_step():
    network, params, data = problem()
    seen = []
    last, history = train(
        network, params, data, epochs=1, on_step=lambda step, loss, params: seen.append(params)
    )
    assert len(seen) == history.steps == 4
    assert seen[-1] is last
    for steps, own in enumerate(seen, start=1):
        expected, _ = prefix(network, params, data, steps)
        nn.tree_map(np.testing.assert_array_equal, own, expected)


def test_a_loss_that_is_infinite_before_the_first_update_blames_the_start_not_the_rate():
    network, params, (X, _) = problem()
    target = np.full((50, 4), 1e200)
    with pytest.warns(nn.DivergenceWarning, match="weights that start too large") as caught:
        train(network, params, (X, target), loss=nn.mean_squared_error)
    assert "learning rate" not in str(caught[0].message)


def test_weights_so_large_that_their_squares_overflow_are_still_finite():
    X = np.full((4, 1), 1e-200)
    params = (np.full((1, 1), 1e200), np.zeros(1))
    _, history = train(
        nn.Dense(1, 1), params, (X, np.zeros((4, 1))), loss=nn.mean_squared_error,
        update=nn.sgd(), batch_size=4,
    )  # fmt: skip
    assert history.outcome == "finished"
