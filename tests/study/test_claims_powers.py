"""C06 could come out otherwise: slopes that are not one spoil the prediction from the power."""

import numpy as np

from matnn_lib.nn.layers import Tanh
from matnn_lib.study.claims import verdict
from matnn_lib.study.claims.experiments.powers import gradient_follows_from_the_power


def measure(**variation):
    return gradient_follows_from_the_power(np.random.default_rng(0), "quick", **variation)


def test_the_power_predicts_the_gradient_of_a_linear_recurrent_net_to_rounding():
    for layers in (5, 20, 60):
        found = measure(layers=layers)
        assert verdict(found) == "holds"
        (errors,) = found.quantities.values()
        assert max(errors) < 1e-10


def test_the_power_predicts_the_gradient_of_tanh_while_inputs_are_small_and_not_beyond():
    assert verdict(measure(activation=Tanh(), scale=1e-3)) == "holds"
    assert verdict(measure(activation=Tanh(), scale=3.0)) == "does not hold"
