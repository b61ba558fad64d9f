"""The one rule: a verdict is computed from evidence by endpoints that were fixed beforehand.

Nothing here knows how anything is measured, and no verdict is written down anywhere: `verdict`
looks up the claim's `Criterion` and applies it to the measured numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from matnn_lib._validation import as_array

Verdict = Literal["holds", "holds if", "does not hold"]


@dataclass(frozen=True)
class Endpoint:
    """A threshold for the median over seeds of one measured quantity.

    Parameters
    ----------
    quantity : str
        The key under which `Evidence.quantities` holds one number a seed.
    threshold : float
        In the quantity's own unit.
    side : "at least", "at most" or "below"
        On which side of the threshold the median must lie.
    """

    quantity: str
    threshold: float
    side: Literal["at least", "at most", "below"] = "at least"

    def met(self, quantities: Mapping[str, tuple[float, ...]]) -> bool:
        """Say whether the median lies on the right side; NaN never does."""
        if self.quantity not in quantities:
            raise ValueError(
                f"the evidence must hold the quantity {self.quantity!r}, "
                f"but it holds only {', '.join(map(repr, quantities)) or 'nothing'}"
            )
        values = np.asarray(quantities[self.quantity], dtype=np.float64)
        if values.ndim != 1 or values.size == 0:
            raise ValueError(
                f"the quantity {self.quantity!r} must hold one number a seed, "
                f"but its shape is {values.shape}"
            )
        with np.errstate(invalid="ignore"):  # between -inf and inf lies no median: NaN
            median = float(np.median(values))
        if self.side == "at least":
            return median >= self.threshold
        if self.side == "at most":
            return median <= self.threshold
        return median < self.threshold

    def __str__(self) -> str:
        return f"median of {self.quantity} {self.side} {self.threshold:g}"


@dataclass(frozen=True)
class Criterion:
    """What the verdict on one claim hangs on, fixed before the experiment's code is written.

    The claim *holds* if every endpoint of `holds` is met; it *holds if* …, under a condition
    that the article omits, if every endpoint of at least one group of `holds_if` is met;
    otherwise it *does not hold*.
    """

    holds: tuple[Endpoint, ...]
    holds_if: tuple[tuple[Endpoint, ...], ...] = ()

    def apply(self, quantities: Mapping[str, tuple[float, ...]]) -> Verdict:
        """Return the verdict on measured `quantities`."""
        if all(endpoint.met(quantities) for endpoint in self.holds):
            return "holds"
        groups = [all(endpoint.met(quantities) for endpoint in group) for group in self.holds_if]
        return "holds if" if any(groups) else "does not hold"


@dataclass(frozen=True)
class Evidence:
    """What an experiment measured, and on what.

    Attributes
    ----------
    claim : str
        The claim's id, such as ``"C01"``.
    size : str
        ``"quick"`` or ``"full"``.
    quantities : mapping from name to tuple of float
        One number a seed; the names are those of the claim's `Criterion`, and others that are
        shown beside them and decide nothing (accuracies, baselines).
    settings : mapping
        What was run: depth, epochs, rates, seeds.
    """

    claim: str
    size: str
    quantities: Mapping[str, tuple[float, ...]]
    settings: Mapping[str, object] = field(default_factory=dict)


def verdict(evidence: Evidence) -> Verdict:
    """Return the verdict on a claim: its criterion, applied to what was measured.

    Raises
    ------
    TypeError
        If `evidence` is no `Evidence`.
    ValueError
        If the claim is not among the article's thirteen, or a quantity that its criterion
        needs was not measured.
    """
    from matnn_lib.study.claims.criteria import CRITERIA

    if not isinstance(evidence, Evidence):
        raise TypeError(
            f"evidence must be the Evidence that an experiment returns, but it is {evidence!r:.60}"
        )
    if evidence.claim not in CRITERIA:
        raise ValueError(
            f"the claim must be one of {', '.join(CRITERIA)}, but it is {evidence.claim!r}"
        )
    return CRITERIA[evidence.claim].apply(evidence.quantities)


def lessens(gain_with: object, gain_without: object) -> tuple[float, ...]:
    """Return, seed by seed, by how many decades a remedy raises the backward gain.

    Both arguments are backward gains in decades (log10), one a seed, of the same starts, data
    and seeds. Where a gradient is exactly zero with and without the remedy, nothing was raised.
    """
    after = as_array("gain_with", gain_with, finite=False)
    before = as_array("gain_without", gain_without, finite=False)
    if after.shape != before.shape or after.ndim != 1:
        raise ValueError(
            "gain_with and gain_without must hold one number for each of the same seeds, "
            f"but their shapes are {after.shape} and {before.shape}"
        )
    both_zero = np.isneginf(after) & np.isneginf(before)
    rise = np.zeros(after.shape)
    np.subtract(after, before, out=rise, where=~both_zero)
    return tuple(float(value) for value in rise)


def rescues(accuracy: object) -> bool:
    """Say whether accuracies, one a seed, have mean >= 0.5 and minimum >= 0.3 (chance: 0.10).

    Reported beside every verdict; decides none.

    Raises
    ------
    TypeError, ValueError
        If `accuracy` is not at least one number from 0 to 1.
    """
    values = as_array("accuracy", accuracy, ndim=1)
    if values.min() < 0 or values.max() > 1:
        raise ValueError(
            f"accuracy must be from 0 to 1, but it goes from {values.min():g} to {values.max():g}"
        )
    return bool(values.mean() >= 0.5 and values.min() >= 0.3)
