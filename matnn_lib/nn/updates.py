"""Updates: how parameters move, given their gradients.

An update is a pair: ``init(params) -> state`` and ``step(params, gradients, state, rate) ->
(params, state)``. Every name here makes one: ``momentum(beta=0.9)``. Arguments stay as they are;
the arrays that come out are new.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from matnn_lib._validation import as_number

from .layer import Floats, Params
from .moving import move_all, unmarked
from .tree import Tree, mismatch, tree_map


class Update(NamedTuple):
    """A rule that moves parameters: how its state starts, and one step of it."""

    init: Callable[[Params], Tree]
    step: Callable[[Params, Params, Tree, float], tuple[Params, Tree]]


def sgd() -> Update:
    """Make gradient descent: W ← W − rate·G.

    Returns
    -------
    Update

    Raises
    ------
    TypeError, ValueError
        From a step: gradients or state don't fit the params, or the rate
        is no finite number.

    References
    ----------
    Robbins & Monro, A stochastic approximation method, Ann. Math. Stat. 22 (1951); Goodfellow,
    Bengio & Courville, Deep Learning (2016), section 8.3.1.

    Examples
    --------
    >>> update = sgd()
    >>> params = (np.array([1.0]),)
    >>> update.step(params, (np.array([4.0]),), update.init(params), 0.25)
    ((array([0.]),), ())
    """
    return Update(_no_state, _sgd_step)


def sign_sgd() -> Update:
    """Make sign descent: W ← W − rate·sign(G), blind to the gradient's size.

    An entry whose gradient is exactly 0 stays.

    Returns
    -------
    Update

    Raises
    ------
    TypeError, ValueError
        As `sgd`.

    References
    ----------
    Bernstein, Wang, Azizzadenesheli & Anandkumar, signSGD: compressed optimisation for non-convex
    problems, ICML 2018, algorithm 1.
    """
    return Update(_no_state, _sign_step)


def momentum(beta: float = 0.9) -> Update:
    """Make the heavy ball: V ← beta·V + G, W ← W − rate·V.

    Parameters
    ----------
    beta : float
        At least 0 and less than 1; steps grow up to 1/(1 − beta) times those of `sgd`.

    Returns
    -------
    Update

    Raises
    ------
    TypeError, ValueError
        `beta` is out of its bounds; from a step: as `sgd`.

    References
    ----------
    Polyak, Some methods of speeding up the convergence of iteration methods, USSR Comput. Math.
    Math. Phys. 4 (1964); Goodfellow, Bengio & Courville, Deep Learning (2016), section 8.3.2.
    """
    beta = as_number("beta", beta, minimum=0, below=1)
    return Update(_zeros_like, partial(_momentum_step, beta))


def adam(beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Update:
    """Make Adam: W ← W − rate·m̂/(√v̂ + epsilon).

    Parameters
    ----------
    beta1, beta2 : float
        Decay of the running means of G and of G², each at least 0 and less than 1.
    epsilon : float
        Positive. Gradients well below it hardly move anything: with a vanished gradient choose it
        with care. (G² underflows for entries below 1e-162 in float64, 1e-23 in float32.)

    Returns
    -------
    Update

    Raises
    ------
    TypeError, ValueError
        An argument is out of its bounds; from a step: as `sgd`.

    References
    ----------
    Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """
    beta1 = as_number("beta1", beta1, minimum=0, below=1)
    beta2 = as_number("beta2", beta2, minimum=0, below=1)
    epsilon = as_number("epsilon", epsilon, above=0)
    return Update(_adam_init, partial(_adam_step, beta1, beta2, epsilon))


def weight_decay(lam: float) -> Update:
    """Make decoupled decay: W ← W − rate·lam·W for matrices; biases stay.

    Parameters
    ----------
    lam : float
        At least 0.

    Returns
    -------
    Update

    Raises
    ------
    TypeError, ValueError
        `lam` is negative or no number; from a step: as `sgd`.

    References
    ----------
    Loshchilov & Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 1 (in `chain`
    after a gradient step).
    """
    return Update(_no_state, partial(_decay_step, as_number("lam", lam, minimum=0)))


def chain(*updates: Update) -> Update:
    """Make one update of several: each moves the params that the one before it returned.

    All see the same gradients; the state is the tuple of theirs.

    Parameters
    ----------
    *updates : Update
        At least one.

    Returns
    -------
    Update

    Raises
    ------
    TypeError, ValueError
        None is given, or one is no update; from a step: what an update raises itself.

    Examples
    --------
    >>> update = chain(sgd(), weight_decay(0.5))
    >>> params = (np.array([[1.0]]),)
    >>> update.step(params, (np.array([[0.0]]),), update.init(params), 1.0)[0]
    (array([[0.5]]),)
    """
    if not updates:
        raise ValueError("chain needs at least one update, but got none")
    for i, update in enumerate(updates):
        check_update(f"updates[{i}]", update)
    return Update(partial(_chain_init, updates), partial(_chain_step, updates))


def check_update(name: str, value: object) -> None:
    """Raise unless `value` is an update (and not the function that makes one)."""
    if not isinstance(value, Update):
        made = f"{value.__name__}, not called" if isinstance(value, type(sgd)) else repr(value)
        raise TypeError(f"{name} must be an update such as momentum(), but it is {made:.60}")


def _check_state(name: str, state: Tree, parts: int) -> None:
    if not isinstance(state, tuple) or len(state) != parts:
        raise ValueError(f"the state of {name} must be what its init returns, a tuple of {parts}")


def _no_state(params: Params) -> Tree:
    return ()


def _zeros_like(params: Params) -> Tree:
    return tree_map(np.zeros_like, params)


def _sgd_step(params: Params, gradients: Params, state: Tree, rate: float) -> tuple[Params, Tree]:
    move = partial(_descend, as_number("rate", rate))
    # There is no state; the gradients stand in for it.
    return move_all(move, params, gradients, gradients)[0], state


def _sign_step(params: Params, gradients: Params, state: Tree, rate: float) -> tuple[Params, Tree]:
    return _sgd_step(params, tree_map(np.sign, gradients), state, rate)


def _momentum_step(
    beta: float, params: Params, gradients: Params, state: Tree, rate: float
) -> tuple[Params, Tree]:
    rate = as_number("rate", rate)

    def roll(W: Floats, G: Floats, V: Floats) -> tuple[Floats, Floats]:
        if getattr(V, "shape", None) != W.shape:
            raise mismatch(W, V)
        V = beta * V
        V += G
        step = rate * V
        return np.subtract(W, step, step), V

    return move_all(roll, params, gradients, state)


def _adam_init(params: Params) -> Tree:
    return 0, tree_map(lambda w: (np.zeros_like(w), np.zeros_like(w)), params)


def _adam_step(
    beta1: float,
    beta2: float,
    epsilon: float,
    params: Params,
    gradients: Params,
    state: Tree,
    rate: float,
) -> tuple[Params, Tree]:
    _check_state("adam", state, 2)
    count, means = state
    count += 1
    scale = as_number("rate", rate) / (1 - beta1**count)
    root = math.sqrt(1 - beta2**count)

    def move(
        W: Floats, G: Floats, S: tuple[Floats, Floats]
    ) -> tuple[Floats, tuple[Floats, Floats]]:
        if not isinstance(S, tuple) or [getattr(s, "shape", None) for s in S] != 2 * [W.shape]:
            raise ValueError("the state of adam must be what its init returns for such params")
        M, V = S
        M = beta1 * M + (1 - beta1) * G
        V = beta2 * V + (1 - beta2) * (G * G)
        return W - scale * (M / (np.sqrt(V) / root + epsilon)), (M, V)

    params, means = move_all(move, params, gradients, means)
    return params, (count, means)


def _decay_step(
    lam: float, params: Params, gradients: Params, state: Tree, rate: float
) -> tuple[Params, Tree]:
    keep = 1 - as_number("rate", rate) * lam
    return tree_map(lambda w: keep * w if w.ndim == 2 else w.copy(), params), state


def _chain_init(updates: tuple[Update, ...], params: Params) -> Tree:
    return tuple([update.init(params) for update in updates])


def _chain_step(
    updates: tuple[Update, ...], params: Params, gradients: Params, state: Tree, rate: float
) -> tuple[Params, Tree]:
    _check_state("chain", state, len(updates))
    states = []
    for update, own in zip(updates, state, strict=True):
        params, own = update.step(unmarked(params), gradients, own, rate)
        states.append(own)
    return params, tuple(states)


def _descend(rate: float, W: Floats, G: Floats, S: object) -> tuple[Floats, object]:
    step = rate * G
    return np.subtract(W, step, step), S
