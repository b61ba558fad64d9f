"""What a network does to the signal and to the gradient: norms, gains, spreads, Jacobians."""

from .check import gradient_check
from .jacobians import jacobian, jacobian_spectrum, layer_jacobians
from .norms import frobenius_norm, gradient_norms
from .signals import (
    backward_gain,
    backward_norms,
    decades,
    forward_norms,
    forward_spread,
    spread,
)
from .tracing import Trace, hidden_indices, trace

__all__ = [
    "Trace",
    "backward_gain",
    "backward_norms",
    "decades",
    "forward_norms",
    "forward_spread",
    "frobenius_norm",
    "gradient_check",
    "gradient_norms",
    "hidden_indices",
    "jacobian",
    "jacobian_spectrum",
    "layer_jacobians",
    "spread",
    "trace",
]
