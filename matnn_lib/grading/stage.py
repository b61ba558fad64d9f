"""The folder that workers live in: the little of the library they may use, and an empty home each.

A worker's ``matnn_lib`` has `linalg`, `nn` and `study`, and in place of `exercises` a stand-in
whose `check` does nothing: no oracle, no hint and no worked solution is there to be found.
"""

from __future__ import annotations

import compileall
import importlib.util
import os
import py_compile
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matnn_lib

_PACKAGE = Path(matnn_lib.__file__).parent
_SHARED = ("__init__.py", "_validation.py", "linalg", "nn", "study", "exercises/compare.py")


@dataclass(frozen=True)
class Stage:
    """Where the workers' library and homes are, and which folders hold the packages they use."""

    root: Path
    site: tuple[str, ...]

    @property
    def main(self) -> Path:
        """The worker's program."""
        return self.root / "lib" / "matnn_lib" / "grading" / "worker" / "main.py"

    @contextmanager
    def home(self, uid: int | None) -> Iterator[Path]:
        """Make an empty folder for one worker, and remove it afterwards whatever it holds."""
        home = Path(tempfile.mkdtemp(dir=self.root / "homes"))
        try:
            if uid is not None:
                os.chown(home, uid, uid)
            yield home
        finally:
            shutil.rmtree(home, ignore_errors=True)


def build(root: Path) -> Stage:
    """Fill the empty folder `root`, which every user must be able to reach."""
    root.chmod(0o755)
    (root / "homes").mkdir(mode=0o711)
    _fill(root / "lib" / "matnn_lib")
    return Stage(root, _site())


def _fill(package: Path) -> None:
    worker = _PACKAGE / "grading" / "worker"
    for name in _SHARED:
        source, target = _PACKAGE / name, package / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    shutil.copytree(
        worker, package / "grading" / "worker", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copyfile(_PACKAGE / "grading" / "__init__.py", package / "grading" / "__init__.py")
    names = "from matnn_lib.grading.worker.stand_in import check, given, options\n"
    (package / "exercises" / "__init__.py").write_text(names, encoding="utf-8")
    for folder in (package, *(path for path in package.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    compileall.compile_dir(
        package, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )


def _site() -> tuple[str, ...]:
    """Return the folders that hold NumPy and the other packages a notebook may import."""
    places = [sysconfig.get_paths()[key] for key in ("purelib", "platlib")]
    for name in ("numpy", "scipy", "matplotlib"):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            places.append(str(Path(spec.origin).parents[1]))
    return tuple(dict.fromkeys(os.path.realpath(place) for place in places))
