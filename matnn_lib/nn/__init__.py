"""A network as a chain of matrices: layers, their start, their losses, updates and training.

A layer is a function that returns its value and its pullback, the product with its transposed
Jacobian; parameters are nested tuples of arrays.
"""

from . import diagnosis, initializers, layers, losses, schedules, training, updates
from .initializers import (
    gaussian,
    glorot,
    he,
    lecun,
    near_critical,
    orthogonal,
    standard,
    standard_bias,
    zeros,
)
from .layers import (
    Dense,
    Identity,
    Layer,
    LayerNorm,
    ReLU,
    Residual,
    ScaleGradient,
    Sequential,
    Sigmoid,
    Tanh,
    mlp,
)
from .losses import mean_squared_error, softmax_cross_entropy
from .schedules import constant
from .training import DivergenceWarning, History, train
from .tree import tree_leaves, tree_map
from .updates import Update, adam, chain, momentum, sgd, sign_sgd, weight_decay

__all__ = [
    "Dense",
    "DivergenceWarning",
    "History",
    "Identity",
    "Layer",
    "LayerNorm",
    "ReLU",
    "Residual",
    "ScaleGradient",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "Update",
    "adam",
    "chain",
    "constant",
    "diagnosis",
    "gaussian",
    "glorot",
    "he",
    "initializers",
    "layers",
    "lecun",
    "losses",
    "mean_squared_error",
    "mlp",
    "momentum",
    "near_critical",
    "orthogonal",
    "schedules",
    "sgd",
    "sign_sgd",
    "softmax_cross_entropy",
    "standard",
    "standard_bias",
    "train",
    "training",
    "tree_leaves",
    "tree_map",
    "updates",
    "weight_decay",
    "zeros",
]
