"""The bench compares arms on the same starts and batches, and measures what it says it does."""

import math
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest

from matnn_lib.nn import diagnosis, updates
from matnn_lib.nn.layers import Sequential
from matnn_lib.nn.tree import tree_leaves, tree_map
from matnn_lib.study import bench, datasets
from matnn_lib.study.trials import TUNING_SEED, begin

SMALL = {"layers": 5, "width": 32, "epochs": 1, "seeds": 2}
DIGITS = datasets.digits()


def zeros(rng, d_in, d_out):
    return np.zeros((d_in, d_out))


def doubled(params):
    return tree_map(lambda W: 2 * W, params)


@pytest.fixture(scope="module")
def usual():
    return bench.run(bench.CRITICAL, rates=(1e-4, 1e-2, 1e2), **SMALL)


def assert_same(a, b):
    """Every number of two measurements agrees bit for bit: arrays, signals, nested params."""
    names = [field.name for field in fields(bench.Measurement) if field.name[0] != "_"]
    for name in (*names, "linear", "frozen"):
        ours, theirs = (tree_leaves(arrays(getattr(side, name))) for side in (a, b))
        assert len(ours) == len(theirs) > 0
        for x, y in zip(ours, theirs, strict=True):
            assert np.asarray(x).tobytes() == np.asarray(y).tobytes(), name


def arrays(value):
    """The arrays of a signal as a tuple; other values as they are."""
    if not isinstance(value, bench.Signal):
        return value
    return value.gain, value.backward, value.forward, value.spread, value.spectrum


def test_a_deep_net_learns_from_the_critical_start_and_not_from_the_dead_one():
    critical = bench.run(bench.CRITICAL, rates=3e-3, seeds=2)
    assert (critical.accuracy >= 0.9).all()
    dead = bench.run(bench.DEAD, rates=1e-2, seeds=2)
    assert (dead.accuracy <= 0.15).all()
    np.testing.assert_allclose(dead.start.gain, -12, atol=0.3)
    assert (dead.start.spread[:, -1] > 1e-12).all()
    assert (dead.start.spread[:, -1] < 1e-11).all()
    # The signal of the one lives in frozen layers too, that of the other does not.
    assert (critical.frozen >= 0.85).all()
    assert (dead.frozen <= 0.15).all()
    for arm in (critical, dead):
        assert ((arm.linear >= 0.94) & (arm.linear <= 0.97)).all()


def test_processes_give_the_numbers_of_a_serial_run(usual):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        parallel = bench.run(bench.CRITICAL, rates=(1e-4, 1e-2, 1e2), executor=executor, **SMALL)
    assert_same(usual, parallel)


def test_a_measurement_has_one_row_a_seed(usual):
    assert (usual.name, usual.rate, usual.at_chance) == ("critical", 1e-2, False)
    steps = math.ceil(1437 / 64)
    assert usual.accuracy.shape == usual.linear.shape == usual.frozen.shape == (2,)
    assert usual.accuracy_by_epoch.shape == (2, 2)
    assert usual.losses.shape == (2, steps)
    assert usual.moved.shape == (2, 6)
    assert usual.grid_accuracy.shape == usual.rates.shape == (3,)
    for signal in (usual.start, usual.end):
        assert signal.gain.shape == (2,)
        assert signal.backward.shape == signal.forward.shape == signal.spread.shape == (2, 5)
        assert signal.spectrum.shape == (2, 32)
    assert np.array_equal(usual.accuracy, usual.accuracy_by_epoch[:, -1])


@pytest.mark.parametrize(
    "arm",
    [
        {"update": updates.adam()},
        {"penalty": updates.weight_decay(0.1)},
        {"architecture": bench.ScaledBackward(0.1)},
    ],
)
def test_arms_with_the_same_seed_begin_alike_and_see_the_same_batches(usual, arm):
    other = bench.run(bench.CRITICAL, rates=1e-2, **arm, **SMALL)
    assert np.array_equal(other.start.forward, usual.start.forward)
    assert np.array_equal(other.losses[:, 0], usual.losses[:, 0])
    assert np.array_equal(other.accuracy_by_epoch[:, 0], usual.accuracy_by_epoch[:, 0])
    assert not np.array_equal(other.losses[:, -1], usual.losses[:, -1])


def test_seeds_are_counted_from_zero_or_named(usual):
    named = bench.run(bench.CRITICAL, rates=1e-2, **{**SMALL, "seeds": [1, 0]})
    assert np.array_equal(named.losses[::-1], usual.losses)
    assert not np.array_equal(usual.losses[0], usual.losses[1])


def test_the_start_is_measured_without_training_as_with_it(usual):
    found = bench.measure_start(bench.CRITICAL, layers=5, width=32, seeds=2)
    for a, b in zip(arrays(found), arrays(usual.start), strict=True):
        assert np.array_equal(a, b)


def test_signals_are_those_of_the_first_64_training_examples(usual):
    network = bench.plain(bench.CRITICAL, (64, *[32] * 5, 10))
    params, _ = begin(network, None, 1)
    X, y = DIGITS.X_train[:64], DIGITS.y_train[:64]
    trace = diagnosis.trace(network, params, X, y)
    norms = [np.linalg.norm(B) for B in trace.backward]
    np.testing.assert_allclose(usual.start.backward[1], norms, rtol=1e-12)
    assert usual.start.gain[1] == pytest.approx(np.log10(norms[0] / norms[-1]), abs=1e-12)
    np.testing.assert_allclose(
        usual.start.forward[1], [np.linalg.norm(H) for H in trace.hidden], rtol=1e-12
    )
    H = trace.hidden[-1]
    spread = np.linalg.norm(H - H.mean(axis=0)) / np.linalg.norm(H)
    assert usual.start.spread[1, -1] == pytest.approx(spread, rel=1e-12)
    hidden = Sequential(network.layers[:-1])
    J = diagnosis.jacobian(hidden, params[:-1], X[0])
    sigma = np.linalg.svd(J, compute_uv=False)
    np.testing.assert_allclose(usual.start.spectrum[1], np.log(sigma), atol=1e-9)


def test_a_way_back_that_loses_a_factor_a_layer_loses_it_in_every_measure_of_the_way_back():
    factor = 0.3
    ours = bench.measure_start(
        bench.MILD, architecture=bench.ScaledBackward(factor), layers=7, seeds=2
    )
    plain = bench.measure_start(bench.MILD, layers=7, seeds=2)
    np.testing.assert_allclose(ours.gain - plain.gain, 6 * math.log10(factor), atol=1e-10)
    np.testing.assert_allclose(ours.spectrum - plain.spectrum, 6 * math.log(factor), atol=1e-9)
    assert np.array_equal(ours.forward, plain.forward)
    assert np.array_equal(ours.spread, plain.spread)


@pytest.mark.parametrize("update", [updates.momentum(), updates.adam(), updates.sign_sgd()])
@pytest.mark.parametrize("trained", [0, 2])
def test_only_the_top_layers_move_whatever_the_update(update, trained):
    found = bench.run(
        bench.CRITICAL,
        update=update,
        architecture=bench.TopOnly(trained),
        rates=1e-3,
        **{**SMALL, "seeds": 1},
    )
    below = 5 - trained
    assert (found.moved[:, :below] == 0).all()
    assert (found.moved[:, below:] > 0).all()
    assert (found.start.gain == -math.inf).all()


def test_what_a_start_is_prepared_to_counts_as_the_start():
    found = bench.run(bench.MILD, prepare=doubled, rates=1e-2, **SMALL)
    sigma = np.exp(bench.measure_start(bench.MILD, layers=1, width=64, seeds=1).spectrum)
    doubled_sigma = np.exp(
        bench.measure_start(bench.MILD, prepare=doubled, layers=1, width=64, seeds=1).spectrum
    )
    assert (sigma <= 0.8).all()
    assert doubled_sigma.max() > 0.8
    assert (found.start.forward > bench.measure_start(bench.MILD, **start_only()).forward).all()


def start_only():
    return {"layers": 5, "width": 32, "seeds": 2}


def test_a_movement_is_relative_to_the_norm_of_the_matrix():
    found = bench.run(bench.ORTHOGONAL, update=updates.sgd(), rates=1e-30, **SMALL)
    assert np.array_equal(found.moved, np.zeros((2, 6)))
    decayed = bench.run(
        bench.ORTHOGONAL, update=updates.sgd(), penalty=updates.weight_decay(1.0), rates=1e-12,
        **SMALL,
    )  # fmt: skip
    # 23 steps of the factor 1 - 1e-12, beside which a gradient step of 1e-12 is not nothing.
    assert (decayed.moved < 1e-8).all()
    assert (decayed.moved > 0).all()


def test_a_penalty_alone_moves_every_matrix_by_its_own_factor():
    still = updates.Update(
        lambda params: (), lambda params, gradients, state, rate: (params, state)
    )
    found = bench.run(
        bench.CRITICAL, update=still, penalty=updates.weight_decay(1.0), rates=1e-3, **SMALL
    )
    np.testing.assert_allclose(found.moved, 1 - (1 - 1e-3) ** 23, rtol=1e-9)


def test_a_net_of_zeros_is_measured_without_a_warning():
    found = bench.run(bench.Start("zero", zeros), rates=1e-2, **SMALL)
    assert (found.start.gain == -math.inf).all()
    assert (found.start.spectrum == -math.inf).all()
    assert (found.start.spread == 0).all()
    assert (found.moved == 0).all()
    assert (found.frozen <= 0.15).all()
    shallow = bench.run(bench.Start("zero", zeros), rates=1e-2, **{**SMALL, "layers": 1})
    assert (shallow.moved[:, 1] == 0).all()


def test_a_diverged_arm_is_nan_after_its_divergence_and_no_error():
    found = bench.run(bench.EXPLODING, rates=1e307, **SMALL)
    for values in arrays(found.end):
        assert np.isnan(values).all()
    assert found.end.spectrum.shape == found.start.spectrum.shape
    assert np.isfinite(found.start.gain).all()
    assert np.isnan(found.moved).all()
    assert np.isnan(found.losses[:, -1]).all()
    assert np.array_equal(found.accuracy, found.accuracy_by_epoch[:, 0])
    assert np.isnan(found.accuracy_by_epoch[:, 1]).all()


def test_a_measurement_of_a_start_that_cannot_be_sent_can_be():
    uniform = bench.Start("uniform", lambda rng, d_in, d_out: rng.uniform(-0.2, 0.2, (d_in, d_out)))
    found = bench.run(uniform, rates=1e-2, **SMALL)
    received = pickle.loads(pickle.dumps(found))
    for name in ("linear", "frozen", "accuracy"):
        np.testing.assert_array_equal(getattr(received, name), getattr(found, name))
    np.testing.assert_array_equal(received.start.spectrum, found.start.spectrum)


def test_a_best_rate_on_the_edge_voids_the_arm():
    with pytest.raises(bench.EdgeOfGridError, match="widen the grid"):
        bench.run(bench.CRITICAL, rates=(1e-5, 1e-4, 1e-2), **SMALL)


def test_other_data_bring_their_own_shape():
    data = datasets.teacher(np.random.default_rng(0), examples=200, dimension=5, classes=3)
    found = bench.run(bench.GAUSSIAN, data=data, rates=1e-1, **SMALL)
    assert found.predictions.shape == (2, 40)
    assert found.moved.shape == (2, 6)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"start": "dead"}, TypeError, "start must be a Start such as DEAD, but it is 'dead'"),
        ({"update": updates.adam}, TypeError, "update must be an update"),
        ({"penalty": 0.1}, TypeError, "penalty must be an update"),
        ({"penalty": updates.weight_decay}, TypeError, "penalty must be an update"),
        ({"architecture": bench.TopOnly}, TypeError, "architecture must be a function"),
        ({"data": np.eye(3)}, TypeError, "data must be a Dataset such as digits"),
        ({"layers": 0}, ValueError, "layers must be at least 1, but it is 0"),
        ({"layers": 2.0}, TypeError, "layers must be an integer"),
        ({"width": 0}, ValueError, "width must be at least 1"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"batch_size": -1}, ValueError, "batch_size must be at least 1"),
        ({"seeds": 0}, ValueError, "seeds must be at least 1"),
        ({"seeds": []}, ValueError, "seeds must name at least one seed"),
        ({"seeds": "12"}, TypeError, "an entry of seeds must be an integer, but it is '1'"),
        ({"seeds": [-1]}, ValueError, "an entry of seeds must be at least 0"),
        ({"seeds": [1, 2, 1]}, ValueError, "seeds must differ, but 1 is named twice"),
        ({"layers": 10**19}, ValueError, "layers must be at most 100000000"),
        ({"width": 10**19}, ValueError, "width must be at most 100000000"),
        ({"rates": True}, TypeError, "rates must be numbers, but it is True"),
        ({"executor": ThreadPoolExecutor}, TypeError, "executor must be a concurrent.futures.Ex"),
        ({"seeds": [0, TUNING_SEED]}, ValueError, "seeds must not hold 1000000"),
        ({"seeds": [TUNING_SEED + 1], "tuning_seeds": 2}, ValueError, "must not hold 1000001"),
        ({"tuning_seeds": 0}, ValueError, "tuning_seeds must be at least 1"),
        ({"rates": -0.1}, ValueError, "rates must be positive and increasing"),
        ({"rates": [0.1, math.nan]}, ValueError, "rates must be finite"),
    ],
)
def test_bad_arguments_are_refused_by_name(changes, error, message):
    arguments = {"start": bench.CRITICAL, "layers": 1, "epochs": 1, "seeds": 1, "rates": 0.1}
    arguments |= changes
    with pytest.raises(error, match=message):
        bench.run(arguments.pop("start"), **arguments)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": None}, "start must be a Start"),
        ({"architecture": bench.TopOnly}, "architecture must be a function"),
        ({"data": 1}, "data must be a Dataset"),
        ({"seeds": 1.5}, "seeds must be an integer"),
    ],
)
def test_bad_arguments_of_a_start_alone_are_refused_by_name(changes, message):
    arguments = {"start": bench.CRITICAL, "layers": 1, "seeds": 1} | changes
    with pytest.raises(TypeError, match=message):
        bench.measure_start(arguments.pop("start"), **arguments)
