"""C03 and C05: what do eigenvalues, eigenvectors and rank of single matrices tell?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matnn_lib import linalg
from matnn_lib._validation import Floats
from matnn_lib.study.claims.experiments.sizes import Size, draw_seeds, number_of_layers
from matnn_lib.study.claims.rule import Evidence

Basis = Callable[[int, np.random.Generator], Floats]
_WIDTH = 16


def layers_tell_the_whole(
    rng: np.random.Generator,
    size: Size,
    *,
    layers: int | None = None,
    turn: Basis = linalg.haar_orthogonal,
) -> Evidence:
    """Measure C03: how far apart are two chains whose layers agree in what is said to tell?

    The first chain applies one symmetric matrix D again and again; its eigenvalues run from 1/2
    to 2. Each layer of the second is Q⁻¹ D Q (the same eigenvalues and rank), or D Q (the same
    singular values and rank), with a Q of its own, drawn by `turn`. The quantity is the distance
    of the largest stretches of the two products, in decades.
    """
    depth = number_of_layers(size, layers, quick=20)
    seeds = draw_seeds(rng)
    same_eigenvalues, same_singular_values = [], []
    D = np.diag(np.geomspace(0.5, 2.0, _WIDTH))
    alone = linalg.product_spectrum([D] * depth)[0]
    for seed in seeds:
        own = np.random.default_rng(seed)
        turns = [turn(_WIDTH, own) for _ in range(depth)]
        similar = linalg.product_spectrum([Q.T @ D @ Q for Q in turns])[0]
        turned = linalg.product_spectrum([D @ Q for Q in turns])[0]
        same_eigenvalues.append(abs(alone - similar) / np.log(10))
        same_singular_values.append(abs(alone - turned) / np.log(10))
    quantities = {
        "same eigenvalues and rank: decades apart": tuple(map(float, same_eigenvalues)),
        "same singular values: decades apart": tuple(map(float, same_singular_values)),
    }
    return Evidence("C03", size, quantities, {"layers": depth, "width": _WIDTH, "seeds": seeds})


def gaussian_matrix(n: int, rng: np.random.Generator) -> Floats:
    """Return an n × n matrix of independent Gaussian entries."""
    return rng.standard_normal((n, n))


def normal_matrix(n: int, rng: np.random.Generator) -> Floats:
    """Return a random n × n normal matrix, n even, with complex eigenvalues.

    It turns and stretches n/2 perpendicular planes, each by an angle and a factor of its own.
    """
    Q = linalg.haar_orthogonal(n, rng)
    A = np.zeros((n, n))
    for i in range(0, n, 2):
        angle, factor = rng.uniform(0, np.pi), rng.uniform(0.5, 2)
        c, s = factor * np.cos(angle), factor * np.sin(angle)
        A[i : i + 2, i : i + 2] = [[c, -s], [s, c]]
    return Q @ A @ Q.T


def eigenvalues_measure_stretch(
    rng: np.random.Generator, size: Size, *, general: Basis = gaussian_matrix
) -> Evidence:
    """Measure C05: the largest stretch over the largest modulus of an eigenvalue, less one.

    Of matrices drawn by `general`, and of normal ones.
    """
    seeds = draw_seeds(rng)
    n = 32 if size == "quick" else 64
    quantities = {}
    for name, draw in (("general", general), ("normal", normal_matrix)):
        excess = []
        for seed in seeds:
            A = draw(n, np.random.default_rng(seed))
            excess.append(float(linalg.spectral_norm(A) / linalg.spectral_radius(A) - 1))
        quantities[f"{name} matrices: stretch over spectral radius, less one"] = tuple(excess)
    return Evidence("C05", size, quantities, {"width": n, "seeds": seeds})
