"""The starts and the architectures that the course's experiments compare."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from matnn_lib._validation import Floats, as_integer, as_number
from matnn_lib.nn.initializers import (
    BiasInitializer,
    gaussian,
    near_critical,
    orthogonal,
    standard,
    standard_bias,
    zeros,
)
from matnn_lib.nn.layers import Layer, ScaleGradient, Sequential, Tanh, mlp


@dataclass(frozen=True)
class Start:
    """How a plain net begins: what draws its weights and biases, and its activation.

    An initializer with an open argument `depth` is given the number of hidden layers.
    """

    name: str
    initializer: Callable[..., Floats]
    bias_initializer: BiasInitializer = zeros
    activation: Layer = Tanh()

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"name must be a string, but it is {self.name!r:.60}")
        for name in ("initializer", "bias_initializer", "activation"):
            given = getattr(self, name)
            if isinstance(given, type) or not callable(given):
                kind = "a layer such as Tanh()" if name == "activation" else "a function"
                raise TypeError(f"{name} must be {kind}, but it is {given!r:.60}")

    def network(self, widths: Sequence[int]) -> Sequential:
        """Return the plain net of these widths: inputs, hidden layers, outputs."""
        initializer = self.initializer
        if "depth" in inspect.signature(initializer).parameters and not (
            isinstance(initializer, partial) and "depth" in initializer.keywords
        ):
            initializer = partial(initializer, depth=len(widths) - 2)
        return mlp(widths, self.activation, initializer, self.bias_initializer)


DEAD = Start("dead", standard, standard_bias)
MILD = Start("mild", partial(orthogonal, gain=0.8))
CRITICAL = Start("critical", near_critical)
EXPLODING = Start("exploding", partial(orthogonal, gain=1.5))
GAUSSIAN = Start("gaussian", gaussian)
ORTHOGONAL = Start("orthogonal", orthogonal)

Architecture = Callable[[Start, Sequence[int]], Sequential]


def check_start(value: object) -> None:
    """Raise unless `value` is a start."""
    if not isinstance(value, Start):
        raise TypeError(f"start must be a Start such as DEAD, but it is {value!r:.60}")


def check_architecture(value: object) -> None:
    """Raise unless `value` may be an architecture: a function, and no class of them."""
    if isinstance(value, type) or not callable(value):
        raise TypeError(
            "architecture must be a function of start and widths, such as plain or TopOnly(3), "
            f"but it is {value!r:.60}"
        )


def plain(start: Start, widths: Sequence[int]) -> Sequential:
    """Return the start's own net: dense layers and activations."""
    return start.network(widths)


@dataclass(frozen=True)
class ScaledBackward:
    """The plain net with every gradient between hidden layers multiplied by `factor`.

    Forward it is the plain net. Between the outputs of the first and the last of L hidden
    layers the gradient is multiplied by ``factor ** (L - 1)``.
    """

    factor: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", as_number("factor", self.factor))

    def __call__(self, start: Start, widths: Sequence[int]) -> Sequential:
        """Return the net."""
        blocks = _blocks(start.network(widths))
        hidden = len(blocks) - 1
        layers: list[Layer] = []
        for index, block in enumerate(blocks):
            if 0 < index < hidden:
                layers.append(ScaleGradient(self.factor))
            layers += block
        return Sequential(layers)


@dataclass(frozen=True)
class TopOnly:
    """The plain net of which only the top `trained` hidden layers and the read-out learn.

    A layer that passes no gradient back stands below them, so that whatever update is used sees
    a gradient of exactly zero in the layers below.
    """

    trained: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "trained", as_integer("trained", self.trained, minimum=0))

    def __call__(self, start: Start, widths: Sequence[int]) -> Sequential:
        """Return the net."""
        blocks = _blocks(start.network(widths))
        hidden = len(blocks) - 1
        if self.trained > hidden:
            raise ValueError(
                f"trained must be at most the number of hidden layers, {hidden}, "
                f"but it is {self.trained}"
            )
        layers: list[Layer] = []
        for index, block in enumerate(blocks):
            if index == hidden - self.trained and index > 0:
                layers.append(ScaleGradient(0.0))
            layers += block
        return Sequential(layers)


def _blocks(network: Sequential) -> list[tuple[Layer, ...]]:
    """Return the pairs (dense, activation) of a plain net, and its read-out alone, last."""
    layers = network.layers
    return [tuple(layers[i : i + 2]) for i in range(0, len(layers), 2)]
