"""C04: does rank tell a start that passes information on from one that does not?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from matnn_lib import linalg
from matnn_lib._validation import Floats
from matnn_lib.nn.tree import tree_leaves
from matnn_lib.study import bench
from matnn_lib.study.claims.experiments.sizes import Size, draw_seeds, number_of_layers
from matnn_lib.study.claims.rule import Evidence
from matnn_lib.study.starts import GAUSSIAN, ORTHOGONAL, Start
from matnn_lib.study.trials import begin

_PIXELS, _CLASSES, _WIDTH = 64, 10, 64


def of_logarithms(measure: Callable[[Floats], float], logarithms: Floats) -> float:
    """Return a rank that has no unit, of a matrix known by its singular values' logarithms.

    Parameters
    ----------
    measure : callable
        Of a matrix, such as `matnn_lib.linalg.effective_rank` or `stable_rank`.
    logarithms : (n,) array
        Natural ones, largest first, as `matnn_lib.nn.diagnosis.jacobian_spectrum` returns them.
        Relative to the first they can be undone without an overflow; what underflows is zero to
        either rank. All of them −inf are the zero matrix.

    Examples
    --------
    >>> round(of_logarithms(linalg.effective_rank, np.array([-900.0, -900.0, -2000.0])), 6)
    2.0
    """
    if np.isneginf(logarithms[0]):
        return measure(np.zeros((len(logarithms), len(logarithms))))
    return measure(np.diag(np.exp(logarithms - logarithms[0])))


def rank_tells_what_passes(
    rng: np.random.Generator,
    size: Size,
    *,
    start: Start | None = None,
    control: Start | None = None,
    layers: int | None = None,
) -> Evidence:
    """Measure C04: ranks of an orthogonal start over those of a Gaussian one, read two ways.

    As the rank of the hidden layers' weights (numerical, mean over the layers), and as the
    effective rank (Roy & Vetterli 2007) of the hidden layers' end-to-end Jacobian at one digit.
    `start` takes the orthogonal start's place, `control` the Gaussian one's.
    """
    depth = number_of_layers(size, layers)
    seeds = draw_seeds(rng)
    weights: dict[str, Floats] = {}
    jacobian: dict[str, Floats] = {}
    quantities: dict[str, tuple[float, ...]] = {}
    for role, one in (("orthogonal", start or ORTHOGONAL), ("Gaussian", control or GAUSSIAN)):
        spectra = bench.measure_start(one, layers=depth, seeds=seeds).spectrum
        weights[role] = _rank_of_weights(one, depth, seeds)
        for name, rank in (("effective", linalg.effective_rank), ("stable", linalg.stable_rank)):
            values = np.array([of_logarithms(rank, logs) for logs in spectra])
            quantities[f"{role}: {name} rank of the Jacobian"] = tuple(values.tolist())
            if name == "effective":
                jacobian[role] = values
        quantities[f"{role}: rank of the weights"] = tuple(weights[role].tolist())
    for name, ranks in (
        ("rank of the weights", weights),
        ("effective rank of the Jacobian", jacobian),
    ):
        ratios = ranks["orthogonal"] / ranks["Gaussian"]
        quantities[f"{name}: orthogonal over Gaussian"] = tuple(ratios.tolist())
    return Evidence("C04", size, quantities, {"layers": depth, "seeds": seeds})


def _rank_of_weights(start: Start, layers: int, seeds: Sequence[int]) -> Floats:
    """Return, one a seed, the mean numerical rank of the hidden layers' weights."""
    network = start.network((_PIXELS, *[_WIDTH] * layers, _CLASSES))
    means = []
    for seed in seeds:
        params, _ = begin(network, None, seed)
        hidden = [W for W in tree_leaves(params[:-1]) if W.ndim == 2]
        means.append(np.mean([linalg.rank(W) for W in hidden]))
    return np.array(means)
