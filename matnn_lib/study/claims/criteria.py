"""What each of the thirteen verdicts hangs on, stated before any experiment's code.

"Mitigates" (C07–C12) has one endpoint that decides: the *backward gain*,
log10(||dL/dh_1||_F / ||dL/dh_L||_F), rises by at least one decade against the same net, start
and data without the remedy (median over seeds); at the start for what acts on the start, after
training for what acts during it. *Dead*: 50 tanh layers, ``standard`` weights and biases.
*Mild*: 50 tanh layers, orthogonal weights times 0.8, zero biases. Accuracy is reported beside it
and decides nothing.
"""

from __future__ import annotations

from matnn_lib.study.claims.rule import Criterion, Endpoint


def mitigates(*other_forms: str) -> Criterion:
    """Return the criterion of "X mitigates vanishing gradients".

    The quantities are ``"dead: rise"`` and ``"mild: rise"`` for the remedy as the article states
    it, and ``"dead, FORM: rise"``, ``"mild, FORM: rise"`` for each of `other_forms`, in which a
    condition that the article omits is added.
    """
    as_stated = (Endpoint("dead: rise", 1.0), Endpoint("mild: rise", 1.0))
    other = tuple(
        (Endpoint(f"{start}, {form}: rise", 1.0),)
        for form in other_forms
        for start in ("dead", "mild")
    )
    return Criterion(holds=as_stated, holds_if=tuple((end,) for end in as_stated) + other)


_FALLS = {start: Endpoint(f"{start}: fall per ten layers", 0.5) for start in ("dead", "mild")}
_STAYS = {
    update: Endpoint(f"dead, {update}: relative change of layer 1", 1e-4, "below")
    for update in ("SGD", "sign updates")
}
_RUNS = Endpoint("the published program runs to its end", 1.0)
_SHOWS = Endpoint("the repaired program: rise", 1.0)

CRITERIA: dict[str, Criterion] = {
    # Decades of backward gain lost per ten layers.
    "C01": Criterion(
        holds=(*_FALLS.values(), Endpoint("critical: fall per ten layers", 0.5)),
        holds_if=(tuple(_FALLS.values()),),
    ),
    # ||change of W_1||_F / ||W_1||_F over the whole training, each update at its best rate.
    "C02": Criterion(holds=tuple(_STAYS.values()), holds_if=((_STAYS["SGD"],),)),
    # Decades between the end-to-end gains of two chains that agree, layer by layer, in what is
    # said to tell them apart: if that tells, the gains agree too.
    "C03": Criterion(
        holds=(
            Endpoint("same eigenvalues and rank: decades apart", 1.0, "at most"),
            Endpoint("same singular values: decades apart", 1.0, "at most"),
        ),
        holds_if=((Endpoint("same singular values: decades apart", 1.0, "at most"),),),
    ),
    # Does rank tell a start that passes information on (orthogonal) from one that does not
    # (Gaussian)? Of each layer's matrix, or only of the end-to-end Jacobian, read as effective.
    "C04": Criterion(
        holds=(Endpoint("rank of the weights: orthogonal over Gaussian", 2.0),),
        holds_if=((Endpoint("effective rank of the Jacobian: orthogonal over Gaussian", 2.0),),),
    ),
    # Largest stretch over largest modulus of an eigenvalue, less one.
    "C05": Criterion(
        holds=(
            Endpoint("general matrices: stretch over spectral radius, less one", 0.01, "at most"),
            Endpoint("normal matrices: stretch over spectral radius, less one", 0.01, "at most"),
        ),
        holds_if=(
            (Endpoint("normal matrices: stretch over spectral radius, less one", 0.01, "at most"),),
        ),
    ),
    # The gradient of a linear recurrent net after k steps, predicted from the k-th power of W.
    "C06": Criterion(
        holds=(Endpoint("relative error of the prediction from the power", 0.1, "at most"),)
    ),
    "C07": mitigates(),
    "C08": mitigates(),
    "C09": mitigates("orthogonality penalty"),
    "C10": mitigates("chained subspaces"),
    "C11": mitigates("singular values changed"),
    "C12": mitigates("power of the spectrum", "powers in the update"),
    # A demonstration must run and show a rise; a repair that shows it is the omitted condition.
    "C13": Criterion(holds=(_RUNS, _SHOWS), holds_if=((_SHOWS,),)),
}
