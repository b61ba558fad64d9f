"""A sweep gives the same values wherever it runs, and outlives what fails in it."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.study.sweep import Outcome, failures, sweep


def draw(size, rng):
    return rng.standard_normal(size)


def reciprocal(a, rng):
    if a == 2:
        sys.exit("no two")
    return 1 / a


def complain(rng):
    raise ValueError("two\n  lines")


def exit_at(a, fatal, rng):
    if a == fatal:
        os._exit(3)
    return a


def pool(workers=2):
    # "spawn" works alike on every system, and beside the threads of a test runner.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


@pytest.fixture(scope="module")
def processes():
    with pool() as executor:
        yield executor


def test_processes_give_the_values_of_a_serial_sweep_bit_for_bit(processes):
    grid = {"size": [1, 3, 5]}
    serial = sweep(draw, grid, progress=False, seed=7)
    parallel = sweep(draw, grid, processes, progress=False, seed=7)
    assert [o.point for o in parallel] == [{"size": 1}, {"size": 3}, {"size": 5}]
    for a, b in zip(serial, parallel, strict=True):
        assert np.array_equal(a.value, b.value)


def test_each_call_has_a_generator_of_its_own_that_hangs_on_the_seed_and_its_place():
    values = [o.value for o in sweep(draw, [{"size": 2}] * 20, progress=False)]
    assert len({tuple(value) for value in values}) == 20
    again = [o.value for o in sweep(draw, [{"size": 2}] * 20, progress=False)]
    assert np.array_equal(values, again)
    other = [o.value for o in sweep(draw, [{"size": 2}] * 20, progress=False, seed=1)]
    assert not {tuple(value) for value in values} & {tuple(value) for value in other}
    children = np.random.SeedSequence(0).spawn(20)
    assert np.array_equal(values[19], np.random.default_rng(children[19]).standard_normal(2))


class Backwards:
    """An executor that runs everything at once when the last call is there, last first."""

    def __init__(self, calls):
        self.calls, self.waiting = calls, []

    def submit(self, function, *arguments):
        self.waiting.append((Future(), function, arguments))
        if len(self.waiting) == self.calls:
            for future, call, given_to_it in reversed(self.waiting):
                future.set_result(call(*given_to_it))
        return self.waiting[-1][0]


@settings(deadline=None, max_examples=25, derandomize=True)
@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=6), seed=st.integers(0, 10**9))
def test_the_order_in_which_calls_end_decides_nothing(sizes, seed):
    grid = [{"size": size} for size in sizes]
    forwards = sweep(draw, grid, progress=False, seed=seed)
    backwards = sweep(draw, grid, Backwards(len(grid)), progress=False, seed=seed)
    assert [o.point for o in backwards] == grid
    for a, b in zip(forwards, backwards, strict=True):
        assert np.array_equal(a.value, b.value)


def test_a_mapping_stands_for_all_combinations_the_last_name_fastest():
    outcomes = sweep(
        lambda a, b, rng: (a, b), {"a": range(2), "b": (x for x in "xyz")}, progress=False
    )
    expected = [(0, "x"), (0, "y"), (0, "z"), (1, "x"), (1, "y"), (1, "z")]
    assert [o.value for o in outcomes] == expected
    assert outcomes[4].point == {"a": 1, "b": "y"}


@pytest.mark.parametrize("parallel", [False, True])
def test_a_failed_call_is_reported_with_its_parameters_and_ends_no_other(parallel, request):
    executor = request.getfixturevalue("processes") if parallel else None
    outcomes = sweep(reciprocal, {"a": [1, 0, 2, 4]}, executor, progress=False)
    assert [o.value for o in outcomes] == [1.0, None, None, 0.25]
    assert [o.error for o in outcomes] == [
        None,
        "ZeroDivisionError: division by zero",
        "SystemExit: no two",
        None,
    ]
    assert failures(outcomes).splitlines() == [
        "{'a': 0}: ZeroDivisionError: division by zero",
        "{'a': 2}: SystemExit: no two",
    ]
    assert failures(outcomes[:1]) == ""


def test_an_error_is_told_in_one_line():
    (outcome,) = sweep(complain, [{}], progress=False)
    assert outcome.error == "ValueError: two lines"


def test_what_cannot_be_sent_to_a_process_is_reported_in_one_line(processes):
    outcomes = sweep(lambda a, rng: a, {"a": [1, 2]}, processes, progress=False)
    assert [o.point for o in outcomes] == [{"a": 1}, {"a": 2}]
    for outcome in outcomes:
        assert "pickle" in outcome.error.lower()
        assert "\n" not in outcome.error
    assert sweep(draw, [{"size": 1}], processes, progress=False)[0].error is None


def test_a_worker_that_dies_is_reported_and_the_calls_before_it_are_kept():
    with pool(1) as executor:
        first = executor.submit(abs, -1)  # the worker is up
        assert first.result() == 1
        outcomes = sweep(exit_at, {"a": range(6), "fatal": [4]}, executor, progress=False)
        assert [o.value for o in outcomes[:3]] == [0, 1, 2]
        assert "BrokenProcessPool" in outcomes[4].error
        # A broken pool takes nothing more, and says so for each call.
        refused = sweep(draw, {"size": [1, 2]}, executor, progress=False)
    assert [o.value for o in refused] == [None, None]
    assert all("BrokenProcessPool" in o.error for o in refused)


def test_a_pool_that_was_shut_down_is_reported():
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    (outcome,) = sweep(draw, [{"size": 1}], executor, progress=False)
    assert outcome == Outcome({"size": 1}, None, outcome.error)
    assert outcome.error.startswith("RuntimeError: cannot schedule new futures")


def test_ctrl_c_ends_a_serial_sweep():
    begun = []

    def interrupted(a, rng):
        begun.append(a)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(interrupted, {"a": range(5)}, progress=False)
    assert begun == [0]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_ctrl_c_cancels_the_calls_that_have_not_begun():
    begun = []
    released = threading.Event()

    def interrupts(a, rng):
        begun.append(a)
        if a == 0:
            time.sleep(0.2)  # by then all calls have been handed out
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            released.wait(10)

    with ThreadPoolExecutor(1) as executor:
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            sweep(interrupts, {"a": range(50)}, executor, progress=False)
        released.set()
    assert begun == [0]
    assert time.monotonic() - start < 5


def test_progress_is_shown_on_standard_error_alone(capsys):
    sweep(draw, {"size": [1, 2]}, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "2/2" in shown.err
    sweep(draw, {"size": [1, 2]}, progress=False)
    assert capsys.readouterr().err == ""


def test_the_points_that_are_given_stay_as_they_are():
    points = [{"size": 1}]
    (outcome,) = sweep(draw, points, progress=False)
    outcome.point["size"] = 2
    assert points == [{"size": 1}]


@pytest.mark.parametrize(
    ("grid", "error", "message"),
    [
        ({}, ValueError, "at least one point, but it is empty"),
        ([], ValueError, "at least one point, but it is empty"),
        ({"a": []}, ValueError, "at least one point, but it is empty"),
        ({"a": 3}, TypeError, "map 'a' to a list of values, but it is 3"),
        ({"a": "xyz"}, TypeError, "map 'a' to a list of values, but it is 'xyz'"),
        ({1: [2]}, TypeError, "by strings, but one is 1"),
        ({"rng": [2]}, ValueError, "must not name rng"),
        ([{"a": 1}, 2], TypeError, "a list of points"),
        (None, TypeError, "but it is None"),
        ("ab", TypeError, "but it is 'ab'"),
    ],
)
def test_a_grid_is_a_mapping_of_lists_or_a_list_of_mappings(grid, error, message):
    with pytest.raises(error, match=message):
        sweep(draw, grid, progress=False)


def test_function_executor_and_seed_are_checked_before_anything_runs():
    with pytest.raises(TypeError, match="function must be a function, but it is 3"):
        sweep(3, [{}], progress=False)
    with pytest.raises(TypeError, match=r"executor must be a concurrent\.futures\.Executor"):
        sweep(draw, [{"size": 1}], 4, progress=False)
    with pytest.raises(TypeError, match=r"^executor must be .* but it is <class .*PoolExecutor'>"):
        sweep(draw, [{"size": 1}], ThreadPoolExecutor, progress=False)
    with pytest.raises(ValueError, match="seed must be at least 0"):
        sweep(draw, [{"size": 1}], progress=False, seed=-1)
