"""How a rate is chosen, what a training keeps, and the two baselines beside it."""

import math
from functools import partial

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from matnn_lib.nn import schedules, updates
from matnn_lib.nn.diagnosis import frobenius_norm
from matnn_lib.nn.layers import Sequential
from matnn_lib.study import baselines, bench, datasets, trials
from matnn_lib.study.starts import CRITICAL, DEAD, EXPLODING, MILD, Start, TopOnly, plain
from matnn_lib.study.trials import EdgeOfGridError, Setting, begin, train_once, tune

DIGITS = datasets.digits()
GRID = np.array([1e-3, 1e-2, 1e-1])


def setting(start=CRITICAL, data=DIGITS, **changes):
    layers = changes.pop("layers", 2)
    arguments = {
        "start": start,
        "architecture": plain,
        "prepare": None,
        "update": updates.momentum(),
        "schedule": schedules.constant,
        "data": data,
        "widths": (data.X_train.shape[1], *[32] * layers, data.classes),
        "epochs": 1,
        "batch_size": 64,
    }
    return Setting(**{**arguments, **changes})


def chosen(scores, monkeypatch, rates=None):
    """Return the rate that is chosen when a grid of 1, 2, 3, … scores so."""
    monkeypatch.setattr(trials, "try_rates", lambda *ignored: np.array(scores))
    rates = np.arange(1.0, len(scores) + 1) if rates is None else rates
    return tune(setting(), rates, None, False)


def test_the_best_rate_inside_the_grid_is_chosen(monkeypatch):
    tuning = chosen([0.2, 0.5, 0.9, 0.8, 0.1], monkeypatch)
    assert (tuning.rate, tuning.at_chance) == (3.0, False)
    assert np.array_equal(tuning.accuracy, [0.2, 0.5, 0.9, 0.8, 0.1])


@pytest.mark.parametrize(
    ("scores", "rate"),
    [
        ([0.1, 0.9, 0.9, 0.9, 0.1], 3.0),
        ([0.9, 0.9, 0.1, 0.1, 0.1], 2.0),
        ([0.1, 0.1, 0.1, 0.9, 0.9], 4.0),
    ],
)
def test_of_several_best_rates_the_middle_one_is_chosen_and_none_on_the_edge(
    scores, rate, monkeypatch
):
    assert chosen(scores, monkeypatch).rate == rate


@pytest.mark.parametrize("scores", [[0.9, 0.5, 0.1], [0.1, 0.5, 0.9], [0.9, 0.1, 0.9]])
def test_a_best_rate_on_the_edge_of_the_grid_is_refused(scores, monkeypatch):
    with pytest.raises(EdgeOfGridError, match=r"lies on the edge of its grid \(1: 0\.\d00, 2: "):
        chosen(scores, monkeypatch)


def test_an_arm_at_chance_at_every_rate_is_reported_at_the_middle(monkeypatch):
    tuning = chosen([0.15, 0.08, 0.1, 0.0, 0.12], monkeypatch)
    assert (tuning.rate, tuning.at_chance) == (3.0, True)
    assert not chosen([0.1, 0.151, 0.1], monkeypatch).at_chance


def test_a_single_rate_is_taken_without_any_training(monkeypatch):
    tuning = chosen([math.inf], monkeypatch, rates=np.array([0.7]))
    assert (tuning.rate, tuning.at_chance) == (0.7, False)
    assert np.isnan(tuning.accuracy).all()


def test_real_trainings_find_the_middle_of_a_grid_that_is_wide_enough():
    tuning = tune(setting(), np.array([1e-5, 3e-2, 1e2]), None, False)
    assert tuning.rate == 3e-2
    assert tuning.accuracy[1] > 0.7
    with pytest.raises(EdgeOfGridError, match=r"the best rate, 0\.01, lies on the edge"):
        tune(setting(), np.array([1e-5, 1e-4, 1e-2]), None, False)


def test_a_dead_start_is_at_chance_at_every_rate_by_real_trainings():
    tuning = tune(setting(DEAD, layers=40), GRID, None, False)
    assert (tuning.rate, tuning.at_chance) == (1e-2, True)


def test_a_rate_at_which_the_training_diverges_counts_as_zero():
    scores = trials.try_rates(setting(EXPLODING), np.array([1e-2, 1e307]), None, False)
    assert scores[0] > 0.5
    assert scores[1] == 0


def test_the_rate_is_chosen_on_a_fifth_of_the_training_set_with_a_seed_of_its_own(monkeypatch):
    looked_at = []

    def spy(given, rate, seed):
        looked_at.append((given.data, seed))
        return trials.Training((), (), False, np.zeros(1), np.array([0.1, 0.5]))

    monkeypatch.setattr(trials, "train_once", spy)
    trials.try_rates(setting(), GRID, None, False)
    assert len(looked_at) == 3
    for data, seed in looked_at:
        assert seed == trials.TUNING_SEED
        assert len(data.X_test) == len(DIGITS.X_train) // 5
        # Together they are the training set, each row once: nothing is seen twice or from outside.
        rows = np.concatenate([data.X_train, data.X_test])
        assert np.array_equal(np.sort(rows, axis=0), np.sort(DIGITS.X_train, axis=0))
        labels = np.concatenate([data.y_train, data.y_test])
        assert np.array_equal(np.bincount(labels), np.bincount(DIGITS.y_train))


def test_with_several_tuning_seeds_each_rate_gets_the_mean_of_its_own(monkeypatch):
    def made_up(given, rate, seed):
        accuracy = rate if seed == trials.TUNING_SEED + 1 else 0.0
        return trials.Training((), (), False, np.zeros(1), np.array([0.0, accuracy]))

    monkeypatch.setattr(trials, "train_once", made_up)
    scores = trials.try_rates(setting(), np.array([0.3, 0.6, 0.9]), None, False, seeds=3)
    np.testing.assert_allclose(scores, [0.1, 0.2, 0.3])


def test_the_test_set_does_not_touch_the_choice_of_the_rate():
    spoiled = DIGITS._replace(X_test=DIGITS.X_test * 0, y_test=DIGITS.y_test * 0)
    scores = [trials.try_rates(setting(data=d), GRID, None, False) for d in (DIGITS, spoiled)]
    assert np.array_equal(*scores)


def test_a_training_keeps_every_loss_and_the_accuracy_before_it_and_after_each_epoch():
    given = setting(epochs=2, batch_size=100)
    training = train_once(given, 1e-2, 0)
    assert training.losses.shape == (2 * 15,)  # 1,437 examples are 14 batches and a shorter one
    assert np.isfinite(training.losses).all()
    network = plain(given.start, given.widths)
    for params, accuracy in (
        (training.start, training.accuracy_by_epoch[0]),
        (training.end, training.accuracy_by_epoch[2]),
    ):
        outputs = network(params, DIGITS.X_test)[0]
        assert accuracy == np.mean(outputs.argmax(axis=1) == DIGITS.y_test)
    assert training.accuracy == training.accuracy_by_epoch[2]
    assert not training.diverged


def test_a_diverged_training_keeps_what_it_had():
    training = train_once(setting(EXPLODING, epochs=2), 1e307, 0)
    assert training.diverged
    assert np.isnan(training.accuracy_by_epoch[1:]).all()
    assert training.accuracy == training.accuracy_by_epoch[0]
    assert np.isnan(training.losses[-1])
    assert np.isfinite(training.losses[0])


def test_ctrl_c_in_a_training_is_not_taken_for_its_end(monkeypatch):
    seen = []

    def interrupt(*ignored):
        seen.append(1)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return 0.1

    monkeypatch.setattr(trials, "accuracy", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train_once(setting(), 1e-2, 0)


def test_a_seed_draws_the_start_and_apart_from_it_the_batches():
    network = plain(CRITICAL, (3, 4, 2))
    params, batches = begin(network, None, 5)
    again, batches_again = begin(network, lambda p: p[:-1], 5)
    assert np.array_equal(params[0][0], again[0][0])
    assert len(again) == len(params) - 1
    assert batches.random() == batches_again.random()
    assert not np.array_equal(params[0][0], begin(network, None, 6)[0][0][0])
    raw = Start("raw", lambda rng, d_in, d_out: rng.random((d_in, d_out)))
    (W, _), *_ = begin(raw.network((3, 4, 2)), None, 5)[0]
    assert W[0, 0] != begin(network, None, 5)[1].random()


def test_a_failed_training_is_reported_with_its_rate_and_seed_once():
    broken = setting(prepare=lambda params: params[:-1])
    with pytest.raises(RuntimeError) as failure:
        tune(broken, GRID, None, False)
    message = str(failure.value)
    assert "rate 0.001 with seed 1000000 (and 2 more of 3) failed: ValueError" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": "dead"}, "start must be a Start such as DEAD, but it is 'dead'"),
        ({"update": updates.momentum}, r"update must be an update such as momentum\(\)"),
        ({"architecture": TopOnly}, "architecture must be a function"),
        ({"architecture": None}, "architecture must be a function"),
        ({"schedule": 0.1}, "schedule must be a function"),
        ({"schedule": schedules.constant(0.1)}, "schedule must return a function of the step"),
        ({"prepare": 3}, "prepare must be a function"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_refused_before_any_training(changes, message):
    with pytest.raises(TypeError, match=message):
        setting(**changes)


@pytest.mark.parametrize(
    ("rates", "error", "message"),
    [
        ([], ValueError, "rates must not be empty"),
        ([0.1, 0.01], ValueError, "positive and increasing"),
        ([0.1, 0.1], ValueError, "positive and increasing"),
        ([0.0, 0.1], ValueError, "positive and increasing"),
        (-1.0, ValueError, "positive and increasing"),
        ([[0.1, 0.2]], ValueError, "positive and increasing"),
        ([0.1, math.inf], ValueError, "rates must be finite"),
        ("fast", TypeError, "rates must hold numbers"),
    ],
)
def test_a_grid_is_of_positive_and_increasing_rates(rates, error, message):
    with pytest.raises(error, match=message):
        trials.as_grid(rates)


def test_too_few_examples_to_choose_a_rate_are_refused():
    few = datasets.Dataset(np.eye(4), np.arange(4), np.eye(4), np.arange(4))
    with pytest.raises(ValueError, match=r"at least 5 training examples.*holds 4"):
        tune(setting(data=few), GRID, None, False)


def test_the_linear_baseline_is_a_linear_classifier():
    found = baselines.linear_baseline(setting(epochs=5), [0, 1])
    oracle = LogisticRegression(max_iter=500, tol=1e-3).fit(DIGITS.X_train, DIGITS.y_train)
    np.testing.assert_allclose(found, oracle.score(DIGITS.X_test, DIGITS.y_test), atol=0.03)
    assert (found >= 0.94).all()


@pytest.mark.parametrize("scale", [1e-4, 1e3])
def test_the_linear_baseline_does_not_hang_on_the_unit_of_the_inputs(scale):
    scaled = DIGITS._replace(X_train=scale * DIGITS.X_train, X_test=scale * DIGITS.X_test)
    found = [baselines.linear_baseline(setting(data=d), [0]) for d in (DIGITS, scaled)]
    np.testing.assert_allclose(*found, atol=0.01)


def test_a_frozen_net_is_read_out_if_its_signal_lives_however_small():
    mild = setting(MILD, layers=50, epochs=3)
    network = plain(MILD, mild.widths)
    params, _ = begin(network, None, 0)
    H = Sequential(network.layers[:-1])(params[:-1], DIGITS.X_train)[0]
    assert frobenius_norm(H) / math.sqrt(H.size) < 1e-4
    assert baselines.frozen_baseline(mild, [0])[0] >= 0.85
    assert baselines.frozen_baseline(setting(DEAD, layers=50, epochs=3), [0])[0] <= 0.15


def test_frozen_layers_are_those_that_the_arm_begins_with():
    arm = setting(CRITICAL, prepare=partial(map_hidden, np.zeros_like))
    assert baselines.frozen_baseline(arm, [0])[0] <= 0.15
    assert baselines.frozen_baseline(setting(CRITICAL), [0])[0] >= 0.7


def map_hidden(function, params):
    *hidden, read_out = params
    return (*[tuple(function(W) for W in layer) for layer in hidden], read_out)


def test_frozen_baselines_are_those_of_a_net_of_which_only_the_read_out_learns():
    # The same features, read out by two ways of training: nearly the same accuracy.
    by_baseline = baselines.frozen_baseline(setting(CRITICAL, epochs=5), [0, 1])
    found = bench.run(
        CRITICAL,
        architecture=TopOnly(0),
        layers=2,
        width=32,
        epochs=5,
        seeds=2,
        rates=(1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0),
    )
    np.testing.assert_allclose(by_baseline.mean(), found.accuracy.mean(), atol=0.03)
