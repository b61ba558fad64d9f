"""The ledger: which claim is measured by which experiment, and the evidence that is kept."""

from __future__ import annotations

import inspect
import itertools
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np

from matnn_lib._validation import as_integer
from matnn_lib.study.claims.criteria import CRITERIA
from matnn_lib.study.claims.experiments import eigenvalues, powers, program, ranks, vanishing
from matnn_lib.study.claims.rule import Criterion, Evidence, Verdict, verdict
from matnn_lib.study.files import write_whole
from matnn_lib.study.storage import versions

_EXPERIMENTS: Mapping[str, Callable[..., Evidence]] = {
    "C01": vanishing.gradients_shrink_with_depth,
    "C02": vanishing.first_layer_stays,
    "C03": eigenvalues.layers_tell_the_whole,
    "C04": ranks.rank_tells_what_passes,
    "C05": eigenvalues.eigenvalues_measure_stretch,
    "C06": powers.gradient_follows_from_the_power,
    "C13": program.program_shows_the_effect,
}


@dataclass(frozen=True)
class Claim:
    """One claim of the article, and how it is measured.

    Attributes
    ----------
    id, section, chapter : str
        The ledger's number; where the article says it; where the course tests it.
    quote, text : str
        One sentence of the article, in the original and in English.
    condition : str
        What the article omits, or what is true instead.
    criterion : Criterion
        What the verdict hangs on.
    experiment : callable
        ``experiment(rng, size, **variation) -> Evidence``; `size` is ``"quick"`` or ``"full"``.
    """

    id: str
    section: str
    chapter: str
    quote: str
    text: str
    condition: str
    criterion: Criterion
    experiment: Callable[..., Evidence]

    @property
    def variations(self) -> tuple[str, ...]:
        """What of start, layers and rate the experiment lets one vary."""
        takes = inspect.signature(self.experiment).parameters
        return tuple(name for name in ("start", "layers", "rate") if name in takes)


@dataclass(frozen=True)
class Record:
    """Evidence as it is kept: what was measured, when, and with which versions."""

    evidence: Evidence
    date: str
    versions: Mapping[str, str]

    @property
    def verdict(self) -> Verdict:
        """The verdict, computed from the evidence."""
        return verdict(self.evidence)


def claims() -> dict[str, Claim]:
    """Return the claims that have an experiment, by id."""
    texts = tomllib.loads(_file("ledger.toml").read_text(encoding="utf-8"))
    return {
        id: Claim(id=id, criterion=CRITERIA[id], experiment=experiment, **texts[id])
        for id, experiment in _EXPERIMENTS.items()
    }


def claim(id: str) -> Claim:
    """Return one claim; a ``ValueError`` names those that there are."""
    ledger = claims()
    if id not in ledger:
        raise ValueError(f"the claim must be one of {', '.join(ledger)}, but it is {id!r}")
    return ledger[id]


def measure(id: str, size: str = "quick", seed: int = 0, **variation: object) -> Evidence:
    """Measure a claim here and now, with the seeds that `seed` draws.

    Parameters
    ----------
    id : str
        Such as ``"C01"``.
    size : {"quick", "full"}
        About ten seconds, or what the course keeps.
    seed : int
        From which the experiment's own seeds are drawn.
    variation
        What else the claim's experiment takes, such as `start`, `layers` or `rate`.

    Raises
    ------
    TypeError, ValueError
        If there is no such claim, size or variation, or it can't be measured so.
    """
    about = claim(id)
    if size not in ("quick", "full"):
        raise ValueError(f"size must be 'quick' or 'full', but it is {size!r:.60}")
    seed = as_integer("seed", seed, minimum=0)
    return about.experiment(np.random.default_rng(seed), size, **variation)


def search(
    id: str, variations: Mapping[str, Iterable[object]], seeds: Iterable[int]
) -> Iterator[tuple[dict[str, object], str]]:
    """Measure a claim in every combination of `variations` and `seeds`; yield each verdict.

    Where a combination can't be measured, the reason stands in the verdict's place.

    Raises
    ------
    ValueError
        At once, if there is no such claim, or its experiment can't vary what is asked.
    """
    allowed = claim(id).variations
    if unknown := [name for name in variations if name not in allowed]:
        raise ValueError(
            f"the experiment of {id} can vary {', '.join((*allowed, 'seed'))}, "
            f"but not {', '.join(unknown)}"
        )
    return _search(id, variations, seeds)


def _search(
    id: str, variations: Mapping[str, Iterable[object]], seeds: Iterable[int]
) -> Iterator[tuple[dict[str, object], str]]:
    combinations = itertools.product(*variations.values())
    for values, seed in itertools.product(combinations, seeds):
        changes = dict(zip(variations, values, strict=True))
        case = {**changes, "seed": seed}
        try:
            yield case, verdict(measure(id, "quick", seed, **changes))
        except (ValueError, RuntimeError) as error:
            yield case, f"can't be measured: {error}"


def stored() -> dict[str, Record]:
    """Return the evidence that is kept with the course, by claim."""
    kept = json.loads(_file("evidence.json").read_text(encoding="utf-8"))
    return {
        id: Record(
            Evidence(
                entry["evidence"]["claim"],
                entry["evidence"]["size"],
                {name: tuple(v) for name, v in entry["evidence"]["quantities"].items()},
                entry["evidence"]["settings"],
            ),
            entry["date"],
            entry["versions"],
        )
        for id, entry in kept.items()
    }


def store(measured: Iterable[Evidence]) -> Path:
    """Keep full-size evidence in the course's own file, in place of what it held.

    Raises
    ------
    ValueError
        If evidence is of another size; then nothing is kept.
    """
    path = Path(str(_file("evidence.json")))
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for evidence in measured:
        if evidence.size != "full":
            raise ValueError(
                f"only evidence of size 'full' is kept, but that of {evidence.claim} "
                f"is {evidence.size!r}"
            )
        record = Record(evidence, date.today().isoformat(), versions())
        kept[evidence.claim] = asdict(record)
    text = json.dumps(dict(sorted(kept.items())), indent=1, ensure_ascii=False)
    write_whole(path, f"{text}\n".encode())
    return path


def _file(name: str) -> Traversable:
    return resources.files("matnn_lib.study.claims").joinpath(name)
