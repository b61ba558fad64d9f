"""Does the installation work? One step of everything that the course computes with."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable

import numpy as np
import scipy

from matnn_lib import linalg
from matnn_lib.nn import diagnosis, schedules, training, updates
from matnn_lib.nn.initializers import orthogonal
from matnn_lib.nn.layers import Tanh, mlp
from matnn_lib.nn.losses import softmax_cross_entropy
from matnn_lib.study.datasets import digits


def run() -> None:
    """Print a line for each part, and what to do where one fails."""
    checks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("Python 3.11 or newer", lambda: sys.version_info >= (3, 11)),
        ("the digits are there and whole", lambda: len(digits().X_train) == 1437),
        ("singular values agree with their definition", _singular_values_agree),
        ("a gradient agrees with finite differences", _gradient_agrees),
        ("a small net learns", _net_learns),
    )
    failed = [name for name, check in checks if not _passes(name, check)]
    if not failed:
        print("All is well: go on.")
        return
    print(
        f"{len(failed)} of {len(checks)} checks failed, with Python {platform.python_version()}, "
        f"NumPy {np.__version__}, SciPy {scipy.__version__} on {platform.system()} "
        f"{platform.machine()}. Install again: delete the folder .venv and run `make learn`."
    )


def _passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        works, reason = check(), ""
    except Exception as error:  # whatever it is, the reader needs the sentence, not the traceback
        works, reason = False, f" ({type(error).__name__}: {error})"
    print(f"{'ok  ' if works else 'NOT '} {name}{reason}")
    return works


def _singular_values_agree() -> bool:
    Q = linalg.haar_orthogonal(8, np.random.default_rng(0))
    return bool(np.allclose(linalg.product_spectrum([2 * Q, Q, Q.T]), np.log(2)))


def _gradient_agrees() -> bool:
    rng = np.random.default_rng(0)
    network = mlp((5, 4, 3), Tanh(), orthogonal)
    X, y = rng.standard_normal((6, 5)), rng.integers(3, size=6)
    return bool(diagnosis.gradient_check(network, network.init(rng), X, y, rng=rng) < 1e-6)


def _net_learns() -> bool:
    rng = np.random.default_rng(0)
    data = digits()
    network = mlp((64, 32, 10), Tanh(), orthogonal)
    _, history = training.train(
        network,
        network.init(rng),
        (data.X_train, data.y_train),
        softmax_cross_entropy,
        updates.momentum(),
        schedules.constant(0.03),
        epochs=1,
        batch_size=64,
        rng=rng,
    )
    return bool(history.losses[-1] < history.losses[0] / 2)
