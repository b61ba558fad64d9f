"""The layer that forgets a transpose is wrong in that alone."""

import numpy as np

from matnn_lib.nn import Dense, diagnosis
from matnn_lib.study import bench
from matnn_lib.study.evidence.ch01 import Untransposed, untransposed


def test_only_the_gradient_of_the_input_differs_and_only_by_the_transpose():
    rng = np.random.default_rng(0)
    layer = Dense(4, 4)
    params = layer.init(rng)
    X, dY = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    right, pull_right = layer(params, X)
    wrong, pull_wrong = Untransposed(layer)(params, X)
    np.testing.assert_array_equal(wrong, right)
    for given, expected in zip(pull_wrong(dY)[1], pull_right(dY)[1], strict=True):
        np.testing.assert_array_equal(given, expected)
    np.testing.assert_allclose(
        pull_wrong(dY)[0], pull_right(dY)[0] @ np.linalg.inv(params[0].T) @ params[0]
    )


def test_layers_that_are_not_square_keep_their_transpose():
    network = untransposed(bench.CRITICAL, (6, 4, 4, 3))
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Dense", "Tanh", "Untransposed", "Tanh", "Dense"]


def test_a_symmetric_weight_matrix_makes_the_fault_harmless_and_another_does_not():
    rng = np.random.default_rng(0)
    network = untransposed(bench.CRITICAL, (4, 4, 4, 4))
    X, labels = rng.standard_normal((5, 4)), rng.integers(0, 4, 5)
    params = network.init(rng)
    symmetric = tuple((own[0] + own[0].T, own[1]) if own else () for own in params)
    for own, is_right in ((symmetric, True), (params, False)):
        error = diagnosis.gradient_check(network, own, X, labels, rng=rng)
        assert (error < 1e-6) == is_right
