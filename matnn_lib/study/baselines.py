"""The two levels that every accuracy is read beside: a linear classifier, and frozen layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matnn_lib._validation import Floats
from matnn_lib.nn import schedules, updates
from matnn_lib.nn.diagnosis import frobenius_norm
from matnn_lib.nn.initializers import gaussian
from matnn_lib.nn.layers import Sequential
from matnn_lib.study.datasets import Dataset
from matnn_lib.study.starts import Start, plain
from matnn_lib.study.trials import TUNING_SEED, Setting, begin, train_once, try_rates

READ_OUT_RATES: Floats = np.array([1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0])


def linear_baseline(setting: Setting, seeds: Sequence[int]) -> Floats:
    """Return, one a seed, the accuracy of a linear classifier on the inputs."""
    read_out = _read_out_alone(setting, setting.data)
    rate = _best_rate(read_out)
    return np.array([train_once(read_out, rate, seed).accuracy for seed in seeds])


def frozen_baseline(setting: Setting, seeds: Sequence[int]) -> Floats:
    """Return, one a seed, the accuracy of the net with its hidden layers frozen at the start."""

    def on_features(seed: int) -> Setting:
        network = setting.architecture(setting.start, setting.widths)
        params, _ = begin(network, setting.prepare, seed)
        hidden = Sequential(network.layers[:-1])
        data = setting.data
        H_train, H_test = (hidden(params[:-1], X)[0] for X in (data.X_train, data.X_test))
        return _read_out_alone(setting, data._replace(X_train=H_train, X_test=H_test))

    rate = _best_rate(on_features(TUNING_SEED))
    return np.array([train_once(on_features(seed), rate, seed).accuracy for seed in seeds])


def _best_rate(read_out: Setting) -> float:
    """Return the best rate of the grid, the middle one of several.

    Unlike a deep net, a read-out does alike at all larger rates: its loss is convex, and its
    classes don't hang on the size of its weights. So a best rate on the grid's edge voids nothing.
    """
    scores = try_rates(read_out, READ_OUT_RATES, None, False)
    best = np.flatnonzero(scores == scores.max())
    return float(READ_OUT_RATES[best[len(best) // 2]])


def _read_out_alone(setting: Setting, data: Dataset) -> Setting:
    """Return the setting of a linear classifier on `data`, trained by plain momentum.

    Its inputs are scaled to a mean square of 1, as the rate that it wants goes with one over
    that: a signal that lives is read out, however small it is.
    """
    scale = frobenius_norm(data.X_train) / np.sqrt(data.X_train.size) or 1.0
    return replace(
        setting,
        start=Start("read-out", gaussian),
        architecture=plain,
        prepare=None,
        update=updates.momentum(),
        schedule=schedules.constant,
        data=data._replace(X_train=data.X_train / scale, X_test=data.X_test / scale),
        widths=(data.X_train.shape[1], data.classes),
    )
