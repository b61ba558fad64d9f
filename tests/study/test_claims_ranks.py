"""C04 can come out otherwise: by the same experiment, with other starts or another depth."""

from functools import partial

import numpy as np
import pytest

from matnn_lib import linalg
from matnn_lib.nn.initializers import gaussian
from matnn_lib.study import bench, evidence
from matnn_lib.study.claims import measure, verdict
from matnn_lib.study.claims.experiments.ranks import of_logarithms
from matnn_lib.study.starts import GAUSSIAN, MILD, Start


def narrow(rng, d_in, d_out, *, inner):
    """Draw a Gaussian matrix of rank `inner`."""
    return gaussian(rng, d_in, inner) @ gaussian(rng, inner, d_out)


def test_no_rank_tells_a_start_from_itself():
    found = measure("C04", start=GAUSSIAN)
    assert set(found.quantities["effective rank of the Jacobian: orthogonal over Gaussian"]) == {1}
    assert verdict(found) == "does not hold"


def test_a_shallow_product_of_gaussians_keeps_its_effective_rank():
    assert verdict(measure("C04", layers=2)) == "does not hold"


def test_the_rank_of_the_weights_tells_starts_apart_that_differ_in_it():
    found = measure("C04", control=Start("narrow", partial(narrow, inner=16)), layers=5)
    assert set(found.quantities["Gaussian: rank of the weights"]) == {16}
    assert verdict(found) == "holds"


def test_effective_rank_does_not_see_that_a_start_shrinks_everything():
    found = measure("C04", start=MILD)
    assert verdict(found) == "holds if"
    assert min(found.quantities["orthogonal: effective rank of the Jacobian"]) > 50


def test_published_levels_at_fifty_layers():
    found = measure("C04", layers=50).quantities
    gaussian_ranks = found["Gaussian: effective rank of the Jacobian"]
    orthogonal_ranks = found["orthogonal: effective rank of the Jacobian"]
    assert 3 < np.median(gaussian_ranks) < 6
    assert 44 < np.median(orthogonal_ranks) < 50
    assert set(found["Gaussian: rank of the weights"]) == {64}


@pytest.mark.parametrize("rank", [linalg.effective_rank, linalg.stable_rank])
def test_a_rank_from_logarithms_is_that_of_the_matrix_whatever_its_scale(rank):
    sigma = np.array([3.0, 2.0, 0.5, 1e-3])
    for shift in (-2000.0, 0.0, 2000.0):
        assert of_logarithms(rank, np.log(sigma) + shift) == pytest.approx(rank(np.diag(sigma)))
    assert of_logarithms(rank, np.array([0.0, -np.inf])) == pytest.approx(1)
    assert of_logarithms(rank, np.full(3, -np.inf)) == 0


def test_the_kept_ranks_are_those_of_the_bench():
    kept = next(
        row for row in evidence.load("02-ranks") if (row["start"], row["layers"]) == ("mild", 10)
    )
    logs = bench.measure_start(MILD, layers=10).spectrum
    np.testing.assert_allclose(kept["largest"], logs[:, 0] / np.log(10), rtol=1e-6)
