"""The ledger as text for people, and as data for programs: what ``matnn claims`` prints."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from matnn_lib.study import starts
from matnn_lib.study.claims import ledger
from matnn_lib.study.claims.rule import Evidence, rescues, verdict

_WIDTH = 78
_QUICK = (
    "Size quick: smaller nets and fewer seeds than in the evidence that `matnn claims` shows, so\n"
    "other numbers; the verdicts are to be the same. As kept: --size full (minutes)."
)
_STARTS = {
    start.name: start
    for start in (
        starts.DEAD,
        starts.MILD,
        starts.CRITICAL,
        starts.EXPLODING,
        starts.GAUSSIAN,
        starts.ORTHOGONAL,
    )
}
_TRIES: Mapping[str, tuple[Any, ...]] = {
    "start": ("dead", "critical", "exploding"),
    "layers": (10, 30, 60),
    "rate": (),
    "seed": (0, 1),
}


def published(which: Sequence[str] = (), as_json: bool = False) -> Iterator[str]:
    """Yield the table of the stored evidence: of all claims, or of those that are named."""
    wanted = [ledger.claim(name.upper()).id for name in which]
    records = [r for id, r in ledger.stored().items() if not wanted or id in wanted]
    if as_json:
        yield _json([_data(r.evidence) | {"date": r.date, **r.versions} for r in records])
        return
    for record in records:
        yield f"{paragraph(record.evidence)}\n  measured on {record.date}\n"
    yield "Measure a claim here and now: matnn claims --measure C01 (or all)."


def measured(which: str, size: str, seeds: Sequence[int], as_json: bool = False) -> Iterator[str]:
    """Measure one claim, or ``all``, with each seed; yield what was found as it is found."""
    ids = list(ledger.claims()) if which.lower() == "all" else [ledger.claim(which.upper()).id]
    found = (ledger.measure(id, size, seed) for id in ids for seed in seeds)
    if as_json:
        yield _json([_data(evidence) for evidence in found])
        return
    for evidence in found:
        yield paragraph(evidence) + "\n"
    if size == "quick":
        yield _QUICK


def attempts(
    which: str,
    variations: Mapping[str, Sequence[Any]],
    seeds: Sequence[int],
    as_json: bool = False,
) -> Iterator[str]:
    """Vary start, layers, rate and seed in search of a case that flips a claim's verdict.

    What is not named in `variations` is tried at a few values of the course's own choice, as far
    as the claim's experiment knows it. At most 60 cases are measured.
    """
    about = ledger.claim(which.upper())
    asked = {name: tuple(values) for name, values in variations.items() if values}
    tries = {name: asked.get(name, _TRIES[name]) for name in about.variations} | asked
    tries = {name: values for name, values in tries.items() if values}
    if "start" in tries:
        tries["start"] = tuple(_start(name) for name in tries["start"])
    seeds = tuple(seeds) or _TRIES["seed"]
    count = int(np.prod([len(values) for values in tries.values()])) * len(seeds)
    if count > 60:
        raise ValueError(f"at most 60 cases can be tried at once, but these are {count}")
    found = ledger.search(about.id, tries, seeds)
    usual = verdict(ledger.measure(about.id))
    cases = []
    for case, outcome in found:
        flips = outcome in ("holds", "holds if", "does not hold") and outcome != usual
        named = {k: v.name if isinstance(v, starts.Start) else v for k, v in case.items()}
        cases.append({**named, "outcome": outcome, "flips": flips})
        if not as_json:
            words = ", ".join(f"{name} {value}" for name, value in named.items())
            yield f"{'FLIPS' if flips else '     '}  {words}: {outcome}"
    flipped = sum(bool(case["flips"]) for case in cases)
    if as_json:
        yield _json([{"claim": about.id, "usual": usual, "cases": cases}])
        return
    yield f"The verdict on {about.id}, by its own experiment: {usual}."
    yield (
        f"{flipped} of the {len(cases)} cases here, taken alone, would give another."
        if flipped
        else f"None of the {len(cases)} cases here would give another."
    )


def paragraph(evidence: Evidence) -> str:
    """Return verdict, claim, condition, and what was measured: median and range over seeds."""
    about = ledger.claim(evidence.claim)
    lines = [f"{about.id}  {verdict(evidence).upper()}  (§{about.section}, {evidence.size})"]
    for text in (about.text, f"Condition, or what is true instead: {about.condition}."):
        lines += textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    for name, values in evidence.quantities.items():
        rescue = ", a rescue" if name.endswith("accuracy") and rescues(values) else ""
        lines.append(f"  - {name}: {_spread(values)}{rescue}")
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> str:
    low, middle, high = np.min(values), np.median(values), np.max(values)
    return f"{middle:.3g}" if low == high else f"{middle:.3g} ({low:.3g} to {high:.3g})"


def _data(evidence: Evidence) -> dict[str, Any]:
    about = ledger.claim(evidence.claim)
    return {
        "claim": about.id,
        "section": about.section,
        "text": about.text,
        "verdict": verdict(evidence),
        "condition": about.condition,
        "size": evidence.size,
        "quantities": {name: list(values) for name, values in evidence.quantities.items()},
        "settings": dict(evidence.settings),
    }


def _json(data: Any) -> str:
    return json.dumps(_strict(data), indent=1, ensure_ascii=False, allow_nan=False)


def _strict(data: Any) -> Any:
    """Return `data` with numbers that JSON lacks as "NaN", "Infinity" and "-Infinity"."""
    if isinstance(data, dict):
        return {key: _strict(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_strict(value) for value in data]
    if isinstance(data, float) and not np.isfinite(data):
        return "NaN" if np.isnan(data) else "Infinity" if data > 0 else "-Infinity"
    return data


def _start(name: str) -> starts.Start:
    if name not in _STARTS:
        raise ValueError(f"start must be one of {', '.join(_STARTS)}, but it is {name!r}")
    return _STARTS[name]
