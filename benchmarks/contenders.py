"""The training steps that are compared, each made for one net: depth, width, batch, dtype.

Every maker returns a sample: a function that takes so many `steps` and returns the seconds of CPU
time that one took.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from matnn_lib import nn

CLASSES, RATE, BETA = 10, 1e-5, 0.9
WARM = 3
"""Steps of `nn.train` that are not counted at the beginning of a sample."""

Step = Callable[[], float]


def problem(depth: int, width: int, batch: int, dtype: str) -> tuple:
    """Return a network, its params, and one batch."""
    rng = np.random.default_rng(0)
    network = nn.mlp([width] * (depth + 1) + [CLASSES], nn.Tanh(), nn.orthogonal)
    params = nn.tree_map(lambda w: w.astype(dtype), network.init(rng))
    X = rng.standard_normal((batch, width)).astype(dtype)
    return network, params, X, rng.integers(0, CLASSES, batch)


def timed(step: Callable[[], object], steps: int) -> Step:
    """Make a sample of so many calls of `step`."""

    def sample() -> float:
        begin = time.process_time()
        for _ in range(steps):
            step()
        return (time.process_time() - begin) / steps

    return sample


def products(depth: int, width: int, batch: int, dtype: str, steps: int) -> Step:
    """Make the step's matrix products, three a layer, in its order, on arrays of their own."""
    _, params, X, _ = problem(depth, width, batch, dtype)
    weights = [pair[0] for pair in params if pair]
    inputs = [np.tile(X, 1) for _ in weights]
    outputs = [np.ones((batch, W.shape[1]), dtype) for W in weights]
    gradients = [np.empty_like(W) for W in weights]
    back = [np.empty_like(X) for _ in weights]

    def step() -> None:
        for A, W, Y in zip(inputs, weights, outputs, strict=True):
            np.matmul(A, W, out=Y)
        for A, W, Y, G, B in zip(
            *map(reversed, (inputs, weights, outputs, gradients, back)), strict=True
        ):
            np.matmul(Y, W.T, out=B)
            np.matmul(A.T, Y, out=G)

    return timed(step, steps)


def matnn(depth: int, width: int, batch: int, dtype: str, steps: int) -> Step:
    """Make the steps of `nn.train` itself, with all that it checks, timed from its callback."""
    network, params, X, labels = problem(depth, width, batch, dtype)
    # A batch for each step, and some to begin with: the others keep their memory between samples.
    data = np.tile(X, (WARM + steps, 1)), np.tile(labels, WARM + steps)
    rng = np.random.default_rng(0)

    def sample() -> float:
        nonlocal params
        ends: list[float] = []
        params, _ = nn.train(
            network, params, data, nn.softmax_cross_entropy, nn.momentum(BETA), nn.constant(RATE),
            epochs=1, batch_size=batch, rng=rng,
            on_step=lambda step, loss, params: ends.append(time.process_time()),
        )  # fmt: skip
        return (ends[-1] - ends[WARM - 1]) / steps

    return sample


def pytorch(depth: int, width: int, batch: int, dtype: str, steps: int) -> Step:
    """Make the steps of PyTorch in eager mode."""
    import torch

    torch.set_num_threads(1)
    _, params, X, labels = problem(depth, width, batch, dtype)
    modules: list[torch.nn.Module] = []
    for W, b in (pair for pair in params if pair):
        linear = torch.nn.Linear(*W.shape, dtype=getattr(torch, dtype))
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W.T.copy()))
            linear.bias.copy_(torch.from_numpy(b))
        modules += [linear, torch.nn.Tanh()]
    model = torch.nn.Sequential(*modules[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=BETA)
    inputs, targets = torch.from_numpy(X), torch.from_numpy(labels)

    def step() -> None:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        loss.item()

    return timed(step, steps)


def jax_jit(depth: int, width: int, batch: int, dtype: str, steps: int, donate: tuple = ()) -> Step:
    """Make the compiled steps of JAX, with the layers written out one after another."""
    import jax.numpy as jnp

    def forward(hidden, X):
        for W, b in hidden:
            X = jnp.tanh(X @ W + b)
        return X

    return _jax(forward, list, donate, problem(depth, width, batch, dtype), steps)


def jax_donated(depth: int, width: int, batch: int, dtype: str, steps: int) -> Step:
    """Make the same steps, with the memory of params and velocity given back at each."""
    return jax_jit(depth, width, batch, dtype, steps, donate=(0, 1))


def jax_scanned(depth: int, width: int, batch: int, dtype: str, steps: int) -> Step:
    """Make the compiled steps of JAX, with all hidden layers stacked and `lax.scan` over them."""
    import jax
    import jax.numpy as jnp

    def forward(hidden, X):
        return jax.lax.scan(lambda X, pair: (jnp.tanh(X @ pair[0] + pair[1]), None), X, hidden)[0]

    def stack(pairs):
        return tuple(np.stack(arrays) for arrays in zip(*pairs, strict=True))

    return _jax(forward, stack, (), problem(depth, width, batch, dtype), steps)


def _jax(forward, arrange, donate: tuple, given: tuple, steps: int) -> Step:
    import jax
    import jax.numpy as jnp

    _, params, X, labels = given
    jax.config.update("jax_enable_x64", X.dtype == np.float64)
    *hidden, last = (pair for pair in params if pair)

    def objective(params, X, labels):
        hidden, (W, b) = params
        log_p = jax.nn.log_softmax(forward(hidden, X) @ W + b)
        return -jnp.mean(log_p[jnp.arange(len(labels)), labels])

    def one(params, velocity, X, labels):
        loss, gradients = jax.value_and_grad(objective)(params, X, labels)
        velocity = jax.tree.map(lambda v, g: BETA * v + g, velocity, gradients)
        return jax.tree.map(lambda w, v: w - RATE * v, params, velocity), velocity, loss

    compiled = jax.jit(one, donate_argnums=donate)
    state = [jax.tree.map(jnp.asarray, (arrange(hidden), last))]
    state.append(jax.tree.map(jnp.zeros_like, state[0]))
    inputs, targets = jnp.asarray(X), jnp.asarray(labels)

    def step() -> None:
        *state[:], loss = compiled(*state, inputs, targets)
        loss.block_until_ready()

    return timed(step, steps)


CONTENDERS = {
    "products": products,
    "matnn": matnn,
    "PyTorch": pytorch,
    "JAX": jax_jit,
    "JAX donated": jax_donated,
    "JAX scan": jax_scanned,
}
