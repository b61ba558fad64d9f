from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib import nn

from .nets import read_only


def exact_cross_entropy(logits, labels):
    """Value and gradient in 400 digits."""
    with mpmath.workdps(400):
        n = len(labels)
        value, gradient = mpmath.mpf(0), []
        for row, label in zip(logits, labels, strict=True):
            weights = [mpmath.e ** mpmath.mpf(float(z)) for z in row]
            total = mpmath.fsum(weights)
            value += (mpmath.log(total) - mpmath.mpf(float(row[label]))) / n
            one_hot = [1 if j == label else 0 for j in range(len(row))]
            gradient.append(
                [float((w / total - d) / n) for w, d in zip(weights, one_hot, strict=True)]
            )
        return float(value), np.array(gradient)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 5),
    st.integers(1, 6),
    st.sampled_from([0.0, 1e-3, 1.0, 30.0, 1e4]),
)
def test_cross_entropy_and_each_entry_of_its_gradient_are_exact(seed, n, classes, size):
    rng = np.random.default_rng(seed)
    logits = size * rng.uniform(-1, 1, (n, classes))
    labels = rng.integers(0, classes, n)
    value, gradient = nn.softmax_cross_entropy(logits, labels)
    true_value, true_gradient = exact_cross_entropy(logits, labels)
    assert value == pytest.approx(true_value, rel=1e-13, abs=1e-300)
    # Differences of logits near 1e4 are themselves rounded, at 1e-12.
    np.testing.assert_allclose(gradient, true_gradient, rtol=1e-11, atol=1e-300)


def test_a_confident_right_answer_has_a_small_loss_and_gradient_but_not_zero():
    value, gradient = nn.softmax_cross_entropy(np.array([[0.0, 100.0]]), np.array([1]))
    np.testing.assert_allclose(value, np.exp(-100), rtol=1e-14)
    np.testing.assert_allclose(gradient, [[np.exp(-100), -np.exp(-100)]], rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_cross_entropy_of_logits_of_ten_thousand_neither_overflows_nor_forgets(dtype):
    logits = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 1e4]], dtype=dtype)
    value, gradient = nn.softmax_cross_entropy(logits, np.array([1, 2]))
    assert value == pytest.approx((2e4 + np.log(2)) / 2, rel=1e-7)
    np.testing.assert_allclose(gradient, [[0.5, -0.5, 0], [0, 0.25, -0.25]], atol=1e-30)
    assert gradient.dtype == dtype
    assert type(value) is float


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.floats(-100, 100))
def test_cross_entropy_does_not_see_a_number_added_to_all_logits_of_a_row(seed, shift):
    rng = np.random.default_rng(seed)
    logits, labels = rng.standard_normal((3, 4)), rng.integers(0, 4, 3)
    a, b = (nn.softmax_cross_entropy(logits + s, labels) for s in (0, shift))
    assert a[0] == pytest.approx(b[0], rel=1e-11)
    np.testing.assert_allclose(a[1], b[1], atol=1e-13)
    np.testing.assert_allclose(a[1].sum(axis=1), 0, atol=1e-15)


def test_squared_error_is_the_mean_over_all_entries():
    prediction, target = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    value, gradient = nn.mean_squared_error(prediction, target)
    assert value == (0 + 4 + 9 + 16) / 4
    np.testing.assert_array_equal(gradient, [[0, 1], [1.5, 2]])


def test_losses_leave_their_arguments_alone_and_keep_float32():
    logits, labels = read_only((np.ones((2, 3), np.float32), np.array([0, 2])))
    assert nn.softmax_cross_entropy(logits, labels)[1].dtype == np.float32
    for dtype in (np.float32, np.float64, np.int64):
        value, gradient = nn.mean_squared_error(logits, read_only(np.zeros((2, 3), dtype)))
        assert gradient.dtype == np.float32
        assert value == 1.0


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.bool_])
def test_integers_and_truth_values_count_as_numbers(dtype):
    logits, labels = np.array([[0, 1], [1, 1]], dtype), np.array([1, 0])
    for loss, other in (
        (nn.softmax_cross_entropy, labels),
        (nn.mean_squared_error, np.array([[1, 0], [1, 1]], dtype)),
    ):
        value, gradient = loss(logits, other)
        exact = other if other.ndim == 1 else other.astype(float)
        expected, slope = loss(logits.astype(float), exact)
        assert value == expected
        assert gradient.dtype == np.float64
        np.testing.assert_array_equal(gradient, slope)
