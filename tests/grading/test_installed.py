"""Wherever the library was installed, and by whatever path it is reached, no worker reads it."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from matnn_lib.grading import probe, sandbox
from matnn_lib.grading.stage import Stage, build
from tests.grading.submitted import RIGHT, hand_in, notebook

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")

STEAL = """
import sys
for name in [name for name in sys.modules if name.startswith("matnn_lib")]:
    del sys.modules[name]
sys.path.insert(0, SITE)
from matnn_lib.exercises import ch00
orders_of_magnitude = ch00.EXERCISES[0].oracle
"""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A worker's folder, and an installation of its own below a folder that is real."""
    root = tmp_path / "stage"
    root.mkdir()
    package = tmp_path / "real" / "lib" / "python" / "site-packages" / "matnn_lib"
    (package / "exercises").mkdir(parents=True)
    (package / "exercises" / "ch00.py").write_text("oracle = 3")
    for beside in ("numpy", "scipy"):
        (package.parent / beside).mkdir()
    (tmp_path / "link").symlink_to("real")
    return replace(build(root), package=package)


def readable(stage: Stage, path: Path) -> bool:
    """Whether Landlock's rules open a path, as the kernel would follow them."""
    rules = sandbox._files(stage, stage.homes)
    return any(path.resolve().is_relative_to(Path(opened).resolve()) for opened in rules["read"])


def seen(stage: Stage, path: Path) -> bool:
    """Whether bubblewrap's options show a path: the last that is about it decides."""
    options = sandbox._walls(stage, stage.homes, None)
    shown = False
    for k, option in enumerate(options):
        if option == "--ro-bind-try" and path.is_relative_to(options[k + 2]):
            shown = True
        if option == "--tmpfs" and path.is_relative_to(options[k + 1]):
            shown = False
    return shown


@pytest.mark.parametrize("folder", ["lib/python/site-packages", "lib/python", "lib", "."])
@pytest.mark.parametrize("through", ["real", "link"])
def test_a_folder_around_the_library_is_opened_without_it(
    through: str, folder: str, stage: Stage, tmp_path: Path
) -> None:
    opened = tmp_path / through / folder
    oracle = stage.package / "exercises" / "ch00.py"
    around = replace(stage, site=(str(opened),))
    assert not readable(around, oracle)
    assert readable(around, stage.package.parent / "numpy")
    by_this_path = tmp_path / through / oracle.relative_to(tmp_path / "real")
    assert not seen(around, by_this_path)
    assert seen(around, by_this_path.parents[2] / "numpy")


def test_a_system_folder_around_the_library_is_opened_without_it(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_SYSTEM", (*sandbox._SYSTEM, str(tmp_path / "link" / "lib")))
    assert not readable(stage, stage.package / "exercises" / "ch00.py")
    assert readable(stage, stage.package.parent / "numpy")


def test_a_link_beside_the_library_that_leads_around_it_is_not_opened(
    stage: Stage, tmp_path: Path
) -> None:
    (stage.package.parent / "shortcut").symlink_to(tmp_path / "real")
    (stage.package.parent / "again").symlink_to(stage.package)
    around = replace(stage, site=(str(stage.package.parent),))
    assert not readable(around, stage.package / "exercises" / "ch00.py")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="matnn-installed-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["secret", "package"])
def test_who_can_read_a_secret_or_an_oracle_is_not_confined(name: str, open_folder: Path) -> None:
    confined = next((c for c in sandbox.candidates() if c.landlock and not c.bubblewrap), None)
    if confined is None:
        pytest.skip("there is no Landlock here")
    package = open_folder / "package"
    stage = replace(build(open_folder), package=package)
    (package / "exercises").mkdir(parents=True)
    (package / "exercises" / "ch00.py").write_text("oracle = 3")
    assert probe.holds(confined, stage)
    rules = sandbox._files

    def leak(at: Stage, home: Path) -> dict[str, list[str]]:
        of_all = rules(at, home)
        return {**of_all, "read": [*of_all["read"], str(at.root / name)]}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "_files", leak)
        assert not probe.holds(confined, stage)


def environment(folder: Path) -> Path:
    """A virtual environment with this library, whose other packages are links."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    for path in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if path.name[:5] != "matnn" and not path.name.startswith(("_", "distutils")):
            (site / path.name).symlink_to(path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "matnn_lib", site / "matnn_lib", ignore=ignored)
    return site


@pytest.mark.skipif(not sandbox.landlock.version(), reason="there is no Landlock here")
def test_the_oracle_is_out_of_reach_when_the_installation_is_behind_a_link(
    open_folder: Path, tmp_path: Path
) -> None:
    (open_folder / "real").mkdir()
    (open_folder / "link").symlink_to("real")
    site = environment(open_folder / "link" / "venv")
    for student, path in (("eve", site.resolve()), ("mallory", site)):
        steal = f"SITE = {str(path)!r}\n{STEAL}"
        hand_in(tmp_path / "in", student, notebook(steal))
    hand_in(tmp_path / "in", "honest", notebook(RIGHT))
    python = open_folder / "link" / "venv" / "bin" / "python"
    options = ["--chapters", "00", "--seed", "1", "--out", str(tmp_path / "out")]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    graded = subprocess.run(
        [python, "-m", "matnn_lib", "grade", str(tmp_path / "in"), *options],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
    )
    assert graded.returncode == 0, graded.stderr
    with (tmp_path / "out" / "grades.csv").open(newline="", encoding="utf-8") as file:
        points = {row["student"]: row["points"] for row in csv.DictReader(file)}
    assert points == {"eve": "0", "mallory": "0", "honest": "5"}
