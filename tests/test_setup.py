"""The way in: what is locked, what the installer says, and that all doors are the same size."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETTINGS = PROJECT["project"]


def load_installer():
    spec = importlib.util.spec_from_file_location("install", ROOT / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


installer = load_installer()


def locked_versions(name):
    """Return each locked package's versions: there are two where they depend on the Python."""
    versions = {}
    lock = (ROOT / name).read_text(encoding="utf-8")
    for package, version in re.findall(r"^([\w.-]+)==(\S+)", lock, flags=re.MULTILINE):
        versions.setdefault(package.lower(), []).append(Version(version))
    return versions


# --- what is to be installed


def test_conda_installs_the_dependencies_that_pip_installs():
    declared = [*SETTINGS["dependencies"], *SETTINGS["optional-dependencies"]["test"]]
    declared.append("python" + SETTINGS["requires-python"])
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    listed = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    assert sorted(listed) == sorted([*declared, "pip"])
    assert environment["dependencies"][-1] == {"pip": ["--editable ."]}


def test_lock_has_every_dependency_in_a_version_that_pyproject_allows():
    declared = [
        *SETTINGS["dependencies"],
        *SETTINGS["optional-dependencies"]["test"],
        *PROJECT["build-system"]["requires"],
    ]
    locked = locked_versions("requirements.lock")
    for requirement in map(Requirement, declared):
        versions = locked.get(requirement.name.lower())
        assert versions, f"{requirement.name} is not locked: make lock"
        assert all(requirement.specifier.contains(v) for v in versions), requirement


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-uv.lock"])
def test_lock_gives_each_package_hashes_and_names_no_host(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert len(entries) >= 1
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+ (; .+ )?\\\n", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    assert not re.search(r"://|index-url|find-links|trusted-host", text)


def test_uv_is_the_only_package_beside_the_lock():
    assert list(locked_versions("requirements-uv.lock")) == ["uv"]


def test_least_python_is_the_same_everywhere():
    assert SETTINGS["requires-python"] == ">=" + ".".join(map(str, installer.OLDEST_PYTHON))


# --- the installer, read by any Python


def test_installer_has_no_syntax_that_an_old_python_refuses():
    tree = ast.parse((ROOT / "install.py").read_text(encoding="ascii"))
    new = (
        *(ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.Match, ast.TryStar, ast.Starred),
        *(ast.AsyncFunctionDef, ast.Await, ast.YieldFrom, ast.Nonlocal, ast.MatMult),
    )
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        assert not isinstance(node, new), f"line {line}: {type(node).__name__}"
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None, f"line {line}: annotation"
        if isinstance(node, ast.arguments):
            assert not node.kwonlyargs
            assert not node.posonlyargs
        if isinstance(node, ast.arg):
            assert node.annotation is None, f"line {line}: annotation"
        if isinstance(node, ast.Raise):
            assert node.cause is None, f"line {line}: raise ... from"


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 99)])
def test_old_python_is_told_which_is_needed_and_which_it_is(version):
    with pytest.raises(installer.InstallationError) as caught:
        installer.check_version(version, "/usr/bin/python3")
    sentence = str(caught.value)
    assert "Python 3.11 or newer is needed" in sentence
    assert f"this is {version[0]}.{version[1]} (/usr/bin/python3)" in sentence
    assert "make PYTHON=python3.12" in sentence


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 20, 0), (4, 0, 0)])
def test_new_python_is_accepted(version):
    installer.check_version(version, "python3")


@pytest.mark.parametrize("part", ["ensurepip", "venv"])
def test_python_without_its_venv_module_is_told_the_package(monkeypatch, part):
    monkeypatch.setitem(sys.modules, part, None)
    with pytest.raises(installer.InstallationError, match=r"apt install python3\.11-venv"):
        installer.check_modules((3, 11, 2))


def test_folder_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(installer.InstallationError, match=re.escape(str(tmp_path))):
        installer.check_writable(str(tmp_path))


PIP_OFFLINE = """WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(
: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')'
ERROR: Could not find a version that satisfies the requirement uv==0.13.9 (from versions: none)"""
UV_OFFLINE = """error: Failed to fetch: `https://index.example/simple/anyio/`
  Caused by: error sending request for url (https://index.example/simple/anyio/)"""
UV_DISK = """error: Failed to install: scipy-1.17.1.whl (scipy==1.17.1)
  Caused by: failed to copy file: No space left on device (os error 28)"""
PIP_HASH = """ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."""
HOME = """error: Failed to initialize cache at `/nonexistent/.cache/uv`
  Caused by: failed to create directory: Permission denied (os error 13)"""


@pytest.mark.parametrize(
    ("output", "beginning"),
    [
        (PIP_OFFLINE, "The packages can't be fetched"),
        (UV_OFFLINE, "The packages can't be fetched"),
        (UV_DISK, "The disk is full"),
        (PIP_HASH, "A downloaded package is not the one"),
        (HOME, "No permission to write"),
    ],
)
def test_known_failure_becomes_one_sentence_without_a_host(output, beginning):
    sentence = installer.diagnose(output)
    assert sentence.startswith(beginning)
    assert "\n" not in sentence
    assert "example" not in sentence


def test_unknown_failure_keeps_its_last_words_but_no_host():
    sentence = installer.diagnose("a\n\nerror: no wheel at https://index.example/simple/x for it\n")
    assert sentence.endswith("a | error: no wheel at (address) for it")


# --- what the installer does, with the programs that it calls recorded instead of run


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder with what the installer reads, and the list of the commands that it gives."""
    folder = tmp_path / "my course"
    folder.mkdir()
    for name in installer.LOCKED:
        shutil.copy(ROOT / name, folder)
    commands = []

    def record(command, where):
        commands.append(" ".join(command))
        if "venv" in command:
            Path(command[-1]).mkdir(exist_ok=True)

    monkeypatch.setattr(installer, "run", record)
    return folder, commands


def test_first_installation_checks_hashes_and_a_second_does_nothing(checkout):
    root, commands = checkout
    installer.install(str(root))
    assert "venv --clear" in commands[0]
    packages = [c for c in commands if "requirements" in c]
    assert len(packages) == 2
    assert all("--require-hashes" in c for c in packages)
    assert commands[-1].endswith("-e .")
    commands.clear()
    installer.install(str(root))
    assert commands == [f"{root}/.venv/bin/python -c import click"]


@pytest.mark.skipif(installer.fcntl is None, reason="Windows has no such lock")
def test_second_installation_waits_for_the_first(checkout, capsys):
    root, commands = checkout
    with installer.alone(str(root / "install.py")):
        second = threading.Thread(target=installer.install, args=[str(root)])
        second.start()
        while "Another installation" not in capsys.readouterr().out:
            assert second.is_alive()
        assert commands == []
    second.join()
    assert commands


def test_interrupted_installation_is_made_anew(checkout, monkeypatch):
    root, commands = checkout
    with monkeypatch.context() as patch:
        patch.setattr(installer, "install_packages", lambda root, environment: interrupt())
        with pytest.raises(KeyboardInterrupt):
            installer.install(str(root))
    commands.clear()
    installer.install(str(root))
    assert "venv --clear" in commands[0]


def interrupt():
    raise KeyboardInterrupt


def test_changed_lock_is_installed_into_the_same_environment(checkout):
    root, commands = checkout
    installer.install(str(root))
    commands.clear()
    with (root / "requirements.lock").open("a") as lock:
        lock.write("\n")
    installer.install(str(root))
    assert any("requirements.lock" in c for c in commands)
    assert not any("venv --clear" in c for c in commands)


@pytest.mark.parametrize("change", ["moved", "its Python is gone"])
def test_environment_that_no_longer_works_is_made_anew(checkout, monkeypatch, change):
    root, commands = checkout
    installer.install(str(root))
    commands.clear()
    if change == "moved":
        root = root.rename(root.with_name("elsewhere"))
    else:
        monkeypatch.setattr(installer, "works", lambda environment: False)
    installer.install(str(root))
    assert any("venv --clear" in c for c in commands)


def test_pip_takes_over_where_uv_fails_but_not_on_a_full_disk(checkout, monkeypatch):
    root, commands = checkout
    record = installer.run
    for answer, tries_pip in ((UV_OFFLINE, True), (UV_DISK, False)):
        commands.clear()
        monkeypatch.setattr(
            installer,
            "run",
            lambda command, folder, answer=answer: (
                answer if "--system-certs" in command else record(command, folder)
            ),
        )
        if tries_pip:
            installer.install(str(root))
        else:
            (root / ".venv" / "installed.txt").unlink()
            with pytest.raises(installer.InstallationError, match="disk is full"):
                installer.install(str(root))
        by_pip = any("-m pip" in c and c.endswith("requirements.lock") for c in commands)
        assert by_pip == tries_pip


def test_installer_passes_on_no_setting_that_leads_elsewhere():
    given = {"PYTHONPATH": "/x", "PIP_TARGET": "/y", "PIP_USER": "1", "PIP_RETRIES": "9", "A": "b"}
    kept = installer.settings(given)
    assert "PYTHONPATH" not in kept
    assert "PIP_TARGET" not in kept
    assert kept["PIP_USER"] == "0"
    assert kept["PIP_RETRIES"] == "9"
    assert kept["A"] == "b"


# --- make


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@needs_make
def test_make_alone_lists_its_targets():
    listed = run_make()
    assert listed.returncode == 0
    for target in ("learn", "test", "ci", "lint", "notebooks", "evidence", "lock", "clean"):
        assert re.search(rf"^make {target} ", listed.stdout, flags=re.MULTILINE)


@needs_make
def test_make_says_in_one_sentence_that_there_is_no_python():
    refused = run_make("learn", "PYTHON=python-that-is-not-here")
    assert refused.returncode != 0
    sentence = refused.stderr.splitlines()[0]
    assert sentence.startswith("There is no working python-that-is-not-here here: install Python")
    assert sentence.endswith("make PYTHON=python3.12 learn")


def run_make(*arguments):
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_documented_make_targets_exist(name):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][\w-]*):(?!=)", makefile, flags=re.MULTILINE))
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`make(?: [A-Z]+=\S+)* ([a-z][\w-]*)`", text))
    named |= set(re.findall(r"^make(?: [A-Z]+=\S+)* ([a-z][\w-]*)", text, flags=re.MULTILINE))
    assert named
    assert named <= targets
