"""What doesn't fit is refused in one sentence that names it, never answered by a wrong number."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

from matnn_lib import nn
from matnn_lib.nn import diagnosis

from .nets import ACTIVATIONS, batch, every_layer

rng = np.random.default_rng(0)
X, labels = batch()
network = every_layer()
params = network.init(np.random.default_rng(0))
dense = nn.Dense(4, 3)
W, b = dense.init(np.random.default_rng(0))
nan = np.where(np.arange(20).reshape(5, 4) == 7, np.nan, X)
inner = nn.Sequential([nn.Dense(4, 4), nn.Tanh()])
one = (np.ones(2),)


def fit(**changes):
    arguments = {
        "network": network,
        "params": params,
        "data": (X, labels),
        "loss": nn.softmax_cross_entropy,
        "update": nn.sgd(),
        "schedule": nn.constant(0.1),
        "epochs": 1,
        "batch_size": 2,
        "rng": np.random.default_rng(0),
    } | changes
    return nn.train(**arguments)


def back(layer, own, dY):
    return layer(own, X)[1](dY)


INITIALIZERS = [
    nn.standard, nn.gaussian, nn.glorot, nn.he, nn.lecun, nn.orthogonal, nn.zeros, nn.standard_bias,
]  # fmt: skip

CASES = {
    # Layers
    "width 0": (lambda: nn.Dense(0, 3), ValueError, "d_in must be at least 1, but it is 0"),
    "width 2.5": (lambda: nn.Dense(2.5, 3), TypeError, "d_in must be an integer"),
    "norm of -1": (lambda: nn.LayerNorm(-1), ValueError, "d must be at least 1"),
    "epsilon 0": (lambda: nn.LayerNorm(3, 0), ValueError, "epsilon must be greater than 0"),
    "factor nan": (lambda: nn.ScaleGradient(np.nan), ValueError, "factor must be finite"),
    "factor text": (lambda: nn.ScaleGradient("1"), TypeError, "factor must be a real number"),
    "no layers": (lambda: nn.Sequential([]), ValueError, "at least one layer"),
    "class": (lambda: nn.Sequential([nn.Tanh]), TypeError, "a layer such as Tanh()"),
    "function": (lambda: nn.Sequential([np.tanh]), TypeError, "a layer such as Tanh()"),
    "one layer": (lambda: nn.Sequential(nn.Tanh()), TypeError, "layers must be a sequence"),
    "residual class": (lambda: nn.Residual(nn.Tanh), TypeError, "a layer such as Tanh()"),
    "one width": (lambda: nn.mlp([3], nn.Tanh(), nn.he), ValueError, "at least two"),
    "widths number": (lambda: nn.mlp(3, nn.Tanh(), nn.he), TypeError, "sequence of integers"),
    "widths float": (lambda: nn.mlp([3, 2.0], nn.Tanh(), nn.he), TypeError, "widths[1]"),
    "activation": (lambda: nn.mlp([3, 2, 1], np.tanh, nn.he), TypeError, "a layer such as"),
    "seed": (lambda: dense.init(0), TypeError, "numpy.random.Generator"),
    "initializer": (
        lambda: nn.Dense(4, 3, nn.zeros).init(rng), ValueError, "params of shapes (4, 3), (3,)",
    ),
    "columns": (
        lambda: nn.Dense(64, 10)((np.ones((64, 10)), np.ones(10)), np.ones((32, 63))),
        ValueError, "Dense(64, 10) needs X with 64 columns, but its shape is (32, 63)",
    ),
    "1-D": (lambda: dense((W, b), X[0]), ValueError, "X with 4 columns"),
    "no rows": (lambda: dense((W, b), X[:0]), ValueError, "at least one row"),
    "list": (lambda: dense((W, b), X.tolist()), TypeError, "must be a NumPy array"),
    "W transposed": (lambda: dense((W.T, b), X), ValueError, "params of shapes (4, 3), (3,)"),
    "no bias": (lambda: dense((W,), X), ValueError, "a tuple of 2"),
    "params list": (lambda: dense([W, b], X), ValueError, "a tuple of 2"),
    "params None": (lambda: network(None, X), ValueError, "as many params"),
    "params short": (lambda: network(params[:-1], X), ValueError, "as many params"),
    "LayerNorm": (
        lambda: nn.LayerNorm(3)((np.ones(3), np.ones(3)), X), ValueError, "X with 3 columns",
    ),
    "residual shape": (
        lambda: nn.Residual(dense)((W, b), X), ValueError, "keeps the shape (5, 4)",
    ),
    "dY of Dense": (lambda: back(dense, (W, b), X), ValueError, "dY of shape (5, 3)"),
    "dY row": (lambda: back(nn.Tanh(), (), X[:1]), ValueError, "dY of shape (5, 4)"),
    "dY number": (lambda: back(nn.Identity(), (), 1.0), TypeError, "must be a NumPy array"),
    "dY ReLU": (lambda: back(nn.ReLU(), (), X[0]), ValueError, "dY of shape (5, 4)"),
    "dY sigmoid": (lambda: back(nn.Sigmoid(), (), X[0]), ValueError, "dY of shape (5, 4)"),
    "dY scale": (lambda: back(nn.ScaleGradient(2), (), X[0]), ValueError, "dY of shape (5, 4)"),
    "dY norm": (
        lambda: back(nn.LayerNorm(4), (b[:1] * np.ones(4), np.ones(4)), X[:1]),
        ValueError, "dY of shape (5, 4)",
    ),
    "dY residual": (
        lambda: back(nn.Residual(inner), inner.init(rng), X[:1]), ValueError, "dY of shape (5, 4)",
    ),
    "params list inside": (
        lambda: dense((W, b.tolist()), X), TypeError, "an array in params must be a NumPy array",
    ),
    "X complex in Dense": (
        lambda: dense((W, b), X * 1j), TypeError, "Dense(4, 3) needs a real X",
    ),
    **{
        f"X complex in {layer}": (
            lambda layer=layer: layer((), X * 1j), TypeError, "X must be real",
        )
        for layer in (*ACTIVATIONS, nn.ScaleGradient(2.0))
    },
    "huge width": (lambda: nn.Dense(3, 10**19), ValueError, "d_out must be at most 100000000"),
    "huge widths": (lambda: nn.mlp([3, 10**19], nn.Tanh(), nn.he), ValueError, "widths[1] must be"),
    "huge norm": (lambda: nn.LayerNorm(10**19), ValueError, "d must be at most 100000000"),
    "tanh list": (lambda: nn.Tanh()((), [1.0]), TypeError, "must be a NumPy array"),
    "identity list": (lambda: nn.Identity()((), [1.0]), TypeError, "must be a NumPy array"),
    # Initializers
    **{
        f"{draw.__name__} {name}": (lambda draw=draw, a=a: draw(*a), error, says)
        for draw in INITIALIZERS
        for name, a, error, says in [
            ("seed", (0, 3, 3), TypeError, "rng must be"),
            ("d_in", (rng, 0, 3), ValueError, "d_in must be at least 1"),
            ("d_out", (rng, 3, 1.0), TypeError, "d_out must be an integer"),
            ("huge", (rng, 10**30, 3), ValueError, "d_in must be at most 100000000"),
            ("huge d_out", (rng, 1, 10**19), ValueError, "d_out must be at most 100000000"),
        ]
    },
    "gain nan": (lambda: nn.gaussian(rng, 3, 3, gain=np.nan), ValueError, "gain must be finite"),
    "gain -1": (lambda: nn.orthogonal(rng, 3, 3, gain=-1), ValueError, "gain must be at least 0"),
    "depth 0": (lambda: nn.near_critical(rng, 3, 3, depth=0), ValueError, "depth must be at least"),
    "huge depth": (
        lambda: nn.near_critical(rng, 3, 3, depth=10**400), ValueError, "depth must be at most",
    ),
    # Losses
    "logits complex": (
        lambda: nn.softmax_cross_entropy(np.ones((2, 3)) * 1j, np.array([0, 1])),
        TypeError, "logits must be real",
    ),
    "prediction complex": (
        lambda: nn.mean_squared_error(X * 1j, X), TypeError, "prediction must be real",
    ),
    "target complex": (
        lambda: nn.mean_squared_error(X, X * 1j), TypeError, "target must be real",
    ),
    "logits text": (
        lambda: nn.softmax_cross_entropy(np.array([["a"]]), np.array([0])),
        TypeError, "logits must hold numbers",
    ),
    "labels list": (
        lambda: nn.softmax_cross_entropy(np.ones((1, 3)), [0]),
        TypeError, "labels must be a NumPy array, but it is of type list",
    ),
    "target list": (
        lambda: nn.mean_squared_error(X, X.tolist()),
        TypeError, "target must be a NumPy array, but it is of type list",
    ),
    "label 3 of 3": (
        lambda: nn.softmax_cross_entropy(np.ones((2, 3)), np.array([0, 3])),
        ValueError, "labels must be from 0 to 2",
    ),
    "label -1": (
        lambda: nn.softmax_cross_entropy(np.ones((2, 3)), np.array([0, -1])),
        ValueError, "labels must be from 0 to 2",
    ),
    "float labels": (
        lambda: nn.softmax_cross_entropy(np.ones((2, 3)), np.zeros(2)),
        TypeError, "labels must be integers",
    ),
    "one-hot labels": (
        lambda: nn.softmax_cross_entropy(np.ones((2, 3)), np.eye(3, dtype=int)[:2]),
        ValueError, "one integer a row",
    ),
    "three labels": (
        lambda: nn.softmax_cross_entropy(np.ones((2, 3)), np.zeros(3, int)),
        ValueError, "one integer a row",
    ),
    "no logits": (
        lambda: nn.softmax_cross_entropy(np.ones((0, 3)), np.zeros(0, int)),
        ValueError, "logits must be a matrix",
    ),
    "target shape": (
        lambda: nn.mean_squared_error(np.ones((3, 1)), np.ones(3)),
        ValueError, "the shape of the prediction, (3, 1), but its shape is (3,)",
    ),
    "empty target": (
        lambda: nn.mean_squared_error(np.ones((0, 2)), np.ones((0, 2))), ValueError, "empty",
    ),
    # Updates, schedules, trees
    "beta 1": (lambda: nn.momentum(1.0), ValueError, "beta must be less than 1"),
    "beta1 -1": (lambda: nn.adam(beta1=-0.1), ValueError, "beta1 must be at least 0"),
    "beta2 1": (lambda: nn.adam(beta2=1), ValueError, "beta2 must be less than 1"),
    "epsilon": (lambda: nn.adam(epsilon=0), ValueError, "epsilon must be greater than 0"),
    "lam -1": (lambda: nn.weight_decay(-1), ValueError, "lam must be at least 0"),
    "empty chain": (lambda: nn.chain(), ValueError, "at least one update"),
    "chain uncalled": (lambda: nn.chain(nn.sgd), TypeError, "updates[0] must be an update"),
    "rate -1": (lambda: nn.constant(-1), ValueError, "rate must be at least 0"),
    "rate inf": (lambda: nn.constant(np.inf), ValueError, "rate must be finite"),
    "gradient shape": (
        lambda: nn.sgd().step(one, (np.ones(1),), (), 0.1), ValueError, "shape (2,)",
    ),
    "gradient form": (
        lambda: nn.momentum().step(one, (), nn.momentum().init(one), 0.1), ValueError, "same form",
    ),
    "state": (lambda: nn.momentum().step(one, one, (), 0.1), ValueError, "same form"),
    "adam state": (lambda: nn.adam().step(one, one, (), 0.1), ValueError, "state"),
    "adam state of others": (
        lambda: nn.adam().step(one, one, nn.adam().init((np.ones(3),)), 0.1), ValueError, "state",
    ),
    "momentum's state in adam": (
        lambda: nn.adam().step(one, one, (0, one), 0.1), ValueError, "state",
    ),
    "state of others": (
        lambda: nn.momentum().step(one, one, (np.ones(3),), 0.1), ValueError, "shape (3,)",
    ),
    "state in another form": (
        lambda: nn.momentum().step(one, one, ((),), 0.1), ValueError, "same form",
    ),
    "number for a tuple": (
        lambda: nn.sgd().step((np.array(1.0),), ((),), (), 0.1), ValueError, "same form",
    ),
    "chain state": (lambda: nn.chain(nn.sgd()).step(one, one, (), 0.1), ValueError, "state"),
    "step rate": (lambda: nn.sgd().step(one, one, (), None), TypeError, "rate must be a real"),
    "step rate nan": (
        lambda: nn.chain(nn.weight_decay(1)).step(one, one, ((),), np.nan),
        ValueError, "rate must be finite",
    ),
    "no trees": (lambda: nn.tree_map(np.add), TypeError, "at least one tree"),
    # Training
    "X nan": (
        lambda: fit(data=(nan, labels)), ValueError, "X must be finite, but the entry at (1, 3)",
    ),
    "X 1-D": (lambda: fit(data=(X[0], labels[:4])), ValueError, "X must be a matrix"),
    "X text": (lambda: fit(data=([["a"]], labels)), TypeError, "X must hold numbers"),
    "X complex": (lambda: fit(data=(X + 0j, labels)), TypeError, "X must be real"),
    "X empty": (lambda: fit(data=(X[:0], labels[:0])), ValueError, "X must not be empty"),
    "X narrow": (lambda: fit(data=(X[:, :3], labels)), ValueError, "X with 4 columns"),
    "only X": (lambda: fit(data=X), TypeError, "data must be a pair"),
    "data None": (lambda: fit(data=None), TypeError, "data must be a pair"),
    "y short": (lambda: fit(data=(X, labels[:4])), ValueError, "as many rows as X, 5"),
    "y number": (lambda: fit(data=(X, 1)), ValueError, "as many rows as X, 5"),
    "y float": (lambda: fit(data=(X, labels * 1.0)), TypeError, "labels must be integers"),
    "y high": (lambda: fit(data=(X, 0 * labels + 3)), ValueError, "labels must be from 0 to 2"),
    "y nan": (
        lambda: fit(data=(X, nan[:, :3] * np.nan), loss=nn.mean_squared_error),
        ValueError, "y must be finite",
    ),
    "y wide": (
        lambda: fit(data=(X, X), loss=nn.mean_squared_error), ValueError, "shape of the prediction",
    ),
    "W nan": (
        lambda: fit(network=dense, params=(W * np.nan, b)), ValueError, "params must be finite",
    ),
    "W missing": (lambda: fit(params=params[1:]), ValueError, "as many params"),
    "params array": (lambda: fit(params=W), ValueError, "params"),
    "network None": (lambda: fit(network=None), TypeError, "network must be"),
    "loss name": (lambda: fit(loss="mse"), TypeError, "loss must be a function"),
    "loss number": (
        lambda: fit(loss=lambda output, y: 0.5),
        TypeError, "loss must return a pair (value, gradient), but it returned 0.5",
    ),
    "update uncalled": (lambda: fit(update=nn.momentum), TypeError, "momentum, not called"),
    "update None": (lambda: fit(update=None), TypeError, "such as momentum()"),
    "rate for schedule": (lambda: fit(schedule=0.1), TypeError, "schedule must be a function"),
    "schedule nan": (lambda: fit(schedule=lambda k: np.nan), ValueError, "schedule(0)"),
    "schedule None": (lambda: fit(schedule=lambda k: None), TypeError, "schedule(0)"),
    "schedule -1": (lambda: fit(schedule=lambda k: -1), ValueError, "schedule(0)"),
    "epochs -1": (lambda: fit(epochs=-1), ValueError, "epochs must be at least 0"),
    "epochs 1.5": (lambda: fit(epochs=1.5), TypeError, "epochs must be an integer"),
    "batch 0": (lambda: fit(batch_size=0), ValueError, "batch_size must be at least 1"),
    "rng seed": (lambda: fit(rng=0), TypeError, "rng must be a numpy.random.Generator"),
    "on_step": (lambda: fit(on_step=1), TypeError, "on_step must be a function"),
    # Diagnosis
    "no matrix": (lambda: diagnosis.gradient_norms((b,)), ValueError, "at least one matrix"),
    "norm nan": (lambda: diagnosis.gradient_norms((W * np.inf,)), ValueError, "finite"),
    "norm complex": (lambda: diagnosis.frobenius_norm(X * 1j), TypeError, "A must be real"),
    "norm empty": (lambda: diagnosis.frobenius_norm(X[:0]), ValueError, "A must not be empty"),
    "norm list nan": (lambda: diagnosis.frobenius_norm([np.nan]), ValueError, "finite to have"),
    "spread complex": (lambda: diagnosis.spread(X * 1j), TypeError, "H must be real"),
    "spread empty": (lambda: diagnosis.spread(X[:0]), ValueError, "H must not be empty"),
    "spread vector": (lambda: diagnosis.spread(X[0]), ValueError, "H must be a matrix"),
    "decades None": (lambda: diagnosis.decades(None), TypeError, "norms must hold numbers"),
    "decades empty": (lambda: diagnosis.decades([]), ValueError, "norms must not be empty"),
    "decades nan": (lambda: diagnosis.decades([1, np.nan]), ValueError, "norms must be finite"),
    "decades -1": (
        lambda: diagnosis.decades([1.0, -1.0]), ValueError, "norms must be at least 0, but one",
    ),
    **{
        f"{function.__name__} params {kind}": (
            lambda function=function, more=more, factor=factor: function(
                network, nn.tree_map(lambda w: w * factor, params), *more
            ),
            error, f"an array in params must be {needed}",
        )
        for function, more in [
            (diagnosis.trace, (X, labels)),
            (diagnosis.backward_norms, (X, labels)),
            (diagnosis.backward_gain, (X, labels)),
            (diagnosis.forward_norms, (X,)),
            (diagnosis.forward_spread, (X,)),
            (diagnosis.jacobian, (X[0],)),
            (diagnosis.layer_jacobians, (X[0],)),
            (diagnosis.jacobian_spectrum, (X[0],)),
        ]
        for kind, factor, error, needed in [
            ("complex", 1j, TypeError, "real"), ("nan", np.nan, ValueError, "finite"),
        ]
    },
    "hidden of Dense": (lambda: diagnosis.hidden_indices(dense), TypeError, "a Sequential"),
    "nothing hidden": (
        lambda: diagnosis.hidden_indices(nn.Sequential([dense])), ValueError, "activation",
    ),
    "gain X nan": (
        lambda: diagnosis.backward_gain(network, params, nan, labels),
        ValueError, "X must be finite",
    ),
    "gain labels": (
        lambda: diagnosis.backward_gain(network, params, X, labels + 5), ValueError, "labels",
    ),
    "gain overflow": (
        lambda: diagnosis.backward_gain(
            nn.Sequential([nn.Identity()]), ((),), X * 1e200, X, nn.mean_squared_error
        ),
        ValueError, "the loss must be finite",
    ),
    "norms overflow": (
        lambda: diagnosis.forward_norms(
            nn.Sequential([dense, nn.ReLU()]), ((W * 1e300, b), ()), X * 1e300
        ),
        ValueError, "finite to have a norm",
    ),
    "spread params": (
        lambda: diagnosis.forward_spread(network, (), X), ValueError, "params must be a tuple of 8",
    ),
    "norms of Dense": (lambda: diagnosis.forward_norms(dense, (W, b), X), TypeError, "Sequential"),
    "jacobian batch": (
        lambda: diagnosis.jacobian(network, params, X), ValueError, "x must be a vector",
    ),
    "jacobian nan": (lambda: diagnosis.jacobian(network, params, nan[1]), ValueError, "x must be"),
    "factors of Dense": (
        lambda: diagnosis.layer_jacobians(dense, (W, b), X[0]), TypeError, "Sequential",
    ),
    "factors params": (
        lambda: diagnosis.jacobian_spectrum(network, (), X[0]), ValueError, "a tuple of 8",
    ),
    "directions 0": (
        lambda: diagnosis.gradient_check(network, params, X, labels, rng=rng, directions=0),
        ValueError, "directions must be at least 1",
    ),
    "step 0": (
        lambda: diagnosis.gradient_check(network, params, X, labels, rng=rng, step=0),
        ValueError, "step must be greater than 0",
    ),
    "check seed": (
        lambda: diagnosis.gradient_check(network, params, X, labels, rng=1),
        TypeError, "rng must be",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named_in_one_sentence(case):
    call, error, says = CASES[case]
    with pytest.raises(error, match=re.escape(says)) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 200
    assert "matnn_lib" in str(caught.traceback[-1].path)


def test_linalg_and_nn_need_only_numpy_when_they_are_imported():
    code = (
        "import sys; from matnn_lib import linalg, nn; "
        "print([m for m in ('scipy.linalg', 'scipy.special', 'matplotlib', 'tqdm', 'click')"
        " if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
