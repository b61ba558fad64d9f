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
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import matnn_lib

_PACKAGE = Path(matnn_lib.__file__).resolve().parent
_SHARED = ("__init__.py", "_validation.py", "linalg", "nn", "study", "exercises/compare.py")


@dataclass(frozen=True)
class Stage:
    """Where the workers' library and homes are, and which folders hold the packages they use.

    `package` is the whole library, which they may not see. These three have no symbolic links in
    them, so that it can be told whether one is inside another.
    """

    root: Path
    site: tuple[str, ...]
    standard: tuple[str, ...]
    package: Path = _PACKAGE

    @property
    def library(self) -> Path:
        """The folder of the workers' ``matnn_lib``."""
        return self.root / "lib"

    @property
    def secret(self) -> Path:
        """A file that every user could read, but no worker may: the probe tries."""
        return self.root / "secret"

    @property
    def oracles(self) -> tuple[str, ...]:
        """The paths of a module with oracles, as the library was reached and as it is."""
        reached = Path(matnn_lib.__file__).parent
        return tuple(str(folder / "exercises" / "ch00.py") for folder in (self.package, reached))

    @property
    def main(self) -> Path:
        """The program from which workers come."""
        return self.library / "matnn_lib" / "grading" / "worker" / "nursery.py"

    @property
    def homes(self) -> Path:
        """Where workers' own folders are made."""
        return self.root / "homes"


def build(root: Path) -> Stage:
    """Fill the empty folder `root`, which every user must be able to reach."""
    root.chmod(0o755)
    (root / "lib").mkdir(mode=0o755)
    (root / "lib" / "matnn_lib").mkdir(mode=0o755)
    (root / "homes").mkdir(mode=0o711)
    _fill(root / "lib" / "matnn_lib")
    (root / "lib" / "fonts").mkdir(mode=0o755)
    for path in _fonts():
        shutil.copyfile(path, root / "lib" / "fonts" / path.name)
    stage = Stage(root, _site(), _standard())
    stage.secret.write_text("secret", encoding="utf-8")
    return stage


def _fill(package: Path) -> None:
    for name in _SHARED:
        source, target = _PACKAGE / name, package / name
        if source.is_dir():
            _copy(source, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    _copy(_PACKAGE / "grading" / "worker", package / "grading" / "worker")
    shutil.copyfile(_PACKAGE / "grading" / "__init__.py", package / "grading" / "__init__.py")
    names = "from matnn_lib.grading.worker.stand_in import check, given, options\n"
    (package / "exercises" / "__init__.py").write_text(names, encoding="utf-8")
    compileall.compile_dir(
        package, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    for path in package.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _copy(source: Path, target: Path) -> None:
    """Copy a folder's contents, but not who may read what."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source, target, ignore=ignored, copy_function=shutil.copyfile)


def _standard() -> tuple[str, ...]:
    """Return the folders of the standard library."""
    prefixes = tuple(p + os.sep for p in (sys.base_prefix, sys.base_exec_prefix))
    folders = [path for path in sys.path if path.startswith(prefixes) and os.path.isdir(path)]
    return tuple(dict.fromkeys(map(os.path.realpath, [os.path.dirname(os.__file__), *folders])))


def _fonts() -> tuple[Path, ...]:
    """Return Matplotlib's list of fonts, without which each worker that draws looks for them."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("MPLCONFIGDIR") or os.path.join(cache, "matplotlib"))
    return tuple(folder.glob("fontlist-*.json")) if folder.is_dir() else ()


def _site() -> tuple[str, ...]:
    """Return the folders that hold NumPy and the other packages a notebook may import."""
    places = [sysconfig.get_paths()[key] for key in ("purelib", "platlib")]
    for name in ("numpy", "scipy", "matplotlib"):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            places.append(str(Path(spec.origin).parents[1]))
    return tuple(dict.fromkeys(os.path.realpath(place) for place in places))
