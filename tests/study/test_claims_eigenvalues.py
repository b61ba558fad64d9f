"""C03 and C05 could come out otherwise: the same experiment, given what the article assumes."""

import numpy as np

from matnn_lib.study.claims import verdict
from matnn_lib.study.claims.experiments.eigenvalues import (
    eigenvalues_measure_stretch,
    layers_tell_the_whole,
    normal_matrix,
)


def rng():
    return np.random.default_rng(0)


def test_layers_tell_the_whole_where_no_layer_turns_the_next_ones_directions():
    found = layers_tell_the_whole(rng(), "quick", turn=lambda n, own: np.eye(n))
    assert verdict(found) == "holds"


def test_layers_tell_little_where_each_turns_them_its_own_way():
    found = layers_tell_the_whole(rng(), "quick")
    assert verdict(found) == "does not hold"
    deeper = layers_tell_the_whole(rng(), "quick", layers=40)
    for name, apart in found.quantities.items():
        assert np.median(deeper.quantities[name]) > 1.8 * np.median(apart)


def test_eigenvalues_measure_the_stretch_of_normal_matrices_only():
    assert verdict(eigenvalues_measure_stretch(rng(), "quick")) == "holds if"
    found = eigenvalues_measure_stretch(rng(), "quick", general=normal_matrix)
    assert verdict(found) == "holds"


def test_the_normal_matrices_of_the_experiment_are_normal_and_not_symmetric():
    A = normal_matrix(8, rng())
    np.testing.assert_allclose(A @ A.T, A.T @ A, atol=1e-12)
    assert not np.allclose(A, A.T)
