"""Evidence that takes too long for a chapter: small tables, kept, and computed again on demand.

A `Table` is a function of a few inputs and the list of inputs at which it is kept. A chapter
loads the table, draws it, and computes one of its columns again with `check`; a test computes a
row of each. ``matnn evidence`` computes all rows anew.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from matnn_lib.study.files import write_whole
from matnn_lib.study.storage import versions
from matnn_lib.study.sweep import failures, sweep

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A table of evidence.

    Attributes
    ----------
    name : str
        Of its file, such as ``"00-rates"``: the chapter's number first.
    row : callable
        ``row(**inputs)`` returns the outputs: a mapping of names to numbers or lists of numbers.
    inputs : tuple of mappings
        Where the table is kept. The first is the cheapest: tests compute it again.
    """

    name: str
    row: Callable[..., Mapping[str, Any]]
    inputs: tuple[Mapping[str, Any], ...]

    def __call__(self, number: int, rng: np.random.Generator) -> Row:
        """Compute a row, in the form that `sweep` calls; its randomness hangs on its inputs."""
        return self.compute(self.inputs[number])

    def compute(self, inputs: Mapping[str, Any]) -> Row:
        """Return a row: its inputs, and the outputs computed now."""
        return {**inputs, **self.row(**inputs)}


def tables() -> dict[str, Table]:
    """Return all tables by name, from the modules beside this one."""
    found: dict[str, Table] = {}
    for module in pkgutil.iter_modules(__path__):
        for table in importlib.import_module(f"{__name__}.{module.name}").TABLES:
            found[table.name] = table
    return found


def load(name: str) -> list[Row]:
    """Return the rows of a table as they are kept.

    Raises
    ------
    ValueError
        If there is no such table; those that there are stand in the message.
    FileNotFoundError
        If the table was never computed.
    """
    _table(name)
    try:
        kept = json.loads(_file(name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(
            f"the table {name} is not kept yet: compute it with `matnn evidence {name}`"
        ) from None
    rows: list[Row] = kept["rows"]
    return rows


def check(name: str, *, rtol: float = 1e-6, **inputs: object) -> None:
    """Compute the rows with these inputs again, and raise ``AssertionError`` if they differ.

    Parameters
    ----------
    name : str
        The table's.
    rtol : float
        Numbers may differ by `rtol`, relative to the largest of their list: other processors
        round differently.
    inputs
        Those of the rows to compute; what is not given may be anything.

    Raises
    ------
    ValueError
        If there is no such table, or no row with these inputs.
    AssertionError
        If a row differs.
    """
    table = _table(name)
    rows = [row for row in load(name) if all(row.get(k) == v for k, v in inputs.items())]
    if not rows:
        raise ValueError(f"the table {name} must have a row with {inputs}, but it has none")
    for row in rows:
        again = table.compute({key: row[key] for key in table.inputs[0]})
        for key, value in row.items():
            if key not in again or not _close(value, again[key], rtol):
                raise AssertionError(f"{name}, {key}: {again.get(key)}, kept is {value}")
    print(f"{name}: {len(rows)} of {len(load(name))} rows computed again, and they agree.")


def compute(name: str, executor: Executor | None = None) -> Path:
    """Compute all rows of a table and keep them."""
    table = _table(name)
    outcomes = sweep(table, {"number": range(len(table.inputs))}, executor)
    if failed := failures(outcomes):
        raise RuntimeError(f"the table {name} was not computed: {failed}")
    content = {"versions": versions(), "rows": [outcome.value for outcome in outcomes]}
    path = Path(str(_file(name)))
    write_whole(path, f"{json.dumps(content, indent=1)}\n".encode())
    return path


def names(given: Iterable[str]) -> list[str]:
    """Return the tables asked for, all of them if none is; a ``ValueError`` names those there."""
    known = tables()
    asked = list(given) or list(known)
    for name in asked:
        _table(name)
    return asked


def _table(name: str) -> Table:
    known = tables()
    if name not in known:
        raise ValueError(f"the table must be one of {', '.join(known)}, but it is {name!r}")
    return known[name]


def _close(kept: Any, again: Any, rtol: float) -> bool:
    a, b = np.asarray(kept), np.asarray(again)
    if a.dtype.kind not in "iuf" or b.dtype.kind not in "iuf":
        return bool(np.array_equal(a, b))
    if a.shape != b.shape:
        return False
    finite = np.abs(a[np.isfinite(a)])
    scale = float(finite.max()) if finite.size else 1.0
    return bool(np.allclose(a, b, rtol=0, atol=rtol * scale, equal_nan=True))


def _file(name: str) -> Any:
    return resources.files(__name__).joinpath("data", f"{name}.json")


def main(asked: Iterable[str], workers: int | None = None) -> Iterator[str]:
    """Compute tables and the claims' full evidence in processes; yield a line for each."""
    from matnn_lib.study import claims
    from matnn_lib.study.claims import ledger

    asked = list(asked)
    given = [name for name in asked if name != "claims"]
    wanted = names(given) if given or not asked else []
    with ProcessPoolExecutor(workers) as executor:
        for name in wanted:
            yield f"{name}: kept in {compute(name, executor).name}"
        if not asked or "claims" in asked:
            outcomes = sweep(_measure_claim, {"id": list(claims.claims())}, executor)
            if failed := failures(outcomes):
                raise RuntimeError(f"the claims were not measured: {failed}")
            ledger.store(outcome.value for outcome in outcomes)
            for outcome in outcomes:
                yield f"{outcome.point['id']}: {claims.verdict(outcome.value)}"


def _measure_claim(id: str, rng: np.random.Generator) -> Any:
    """Measure a claim at full size with the course's own seed, not the sweep's."""
    from matnn_lib.study import claims

    return claims.measure(id, "full")
