"""What is graded and how, recorded beside the results: the same plan gives the same marks."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import matnn_lib

_FILE = "run.json"


@dataclass(frozen=True)
class Plan:
    """The chapters, the seed of the hidden inputs, the class's variant, and a notebook's time.

    `private` is the path of the instructor's own exercises, or empty.
    """

    chapters: tuple[int, ...]
    seed: int
    variant: int = 0
    notebook_seconds: float = 20.0
    private: str = ""

    @property
    def key(self) -> bytes:
        """The key of the hidden inputs."""
        return hashlib.sha256(f"matnn {self.seed}".encode()).digest()

    def digest(self, notebook: bytes) -> str:
        """Return what answers depend on: the notebook, this plan, and the exercises' text.

        The modules of the exercises are read, not imported: no oracle comes into this process.
        """
        told = self._told.copy()
        told.update(notebook)
        return str(told.hexdigest())

    @cached_property
    def _told(self) -> Any:
        told = hashlib.sha256(json.dumps(asdict(self)).encode())
        # A chapter's inputs come from several modules, so all of them count.
        for path in sorted((Path(matnn_lib.__file__).parent / "exercises").glob("*.py")):
            told.update(path.name.encode() + path.read_bytes())
        told.update(Path(self.private).read_bytes() if self.private else b"")
        return told

    def __getstate__(self) -> dict[str, Any]:
        return asdict(self)  # what has been read so far stays here


def recorded(out: Path, plan: Plan, *, has_seed: bool) -> Plan:
    """Return the plan of the run in `out`, and record it there.

    Unless `has_seed`, the seed is the one recorded there, or drawn now.

    Raises
    ------
    ValueError
        `out` holds a run with another plan.
    """
    path = out / _FILE
    before: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if not has_seed:
        plan = replace(plan, seed=before.get("seed", secrets.randbits(63)))
    now = json.loads(json.dumps(asdict(plan)))
    if before and before != now:
        changed = ", ".join(name for name in now if now[name] != before.get(name))
        raise ValueError(f"{out} holds a run with another {changed}: choose another folder")
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    return plan


def read(out: Path) -> Plan:
    """Return the plan of the run in `out`.

    Raises
    ------
    ValueError
        There is none.
    """
    try:
        before = json.loads((out / _FILE).read_text("utf-8"))
        return Plan(**{**before, "chapters": tuple(before["chapters"])})
    except (OSError, ValueError, TypeError, KeyError):
        raise ValueError(f"{out} is not the output of matnn grade") from None
