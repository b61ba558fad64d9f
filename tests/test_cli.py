"""The `matnn` command: it starts fast, and says what is wrong in one sentence."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from matnn_lib.cli import Door, main


def test_help_lists_every_command_without_importing_what_they_need():
    program = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from matnn_lib.cli import main\n"
        "shown = CliRunner().invoke(main, ['--help'])\n"
        "assert shown.exit_code == 0, shown.output\n"
        "assert all(name in shown.output for name in main.commands)\n"
        "heavy = {'numpy', 'scipy', 'matplotlib', 'nbformat', 'nbclient', 'jupyterlab'}\n"
        "print(sorted(heavy & sys.modules.keys()))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_help_on_a_command_is_no_error(name):
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert "Error" not in shown.output


def test_help_says_what_each_command_does_without_breaking_off():
    assert "..." not in CliRunner().invoke(main, ["--help"]).output.partition("Commands:")[2]


def test_module_is_the_same_command():
    run = subprocess.run(
        [sys.executable, "-m", "matnn_lib", "--version"], capture_output=True, text=True
    )
    assert (run.returncode, run.stdout) == (0, "matnn 0.1.0\n")


def refuse(error: Exception, *arguments: str):
    @click.group(cls=Door)
    @click.option("--traceback", is_flag=True)
    def door(traceback: bool) -> None:
        pass

    @door.command()
    def fail() -> None:
        raise error

    return CliRunner().invoke(door, [*arguments, "fail"])


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("A must be square, but its shape is (2, 3)"), "A must be square, but its"),
        (OSError("port 80 is taken"), "port 80 is taken"),
        (PermissionError(13, "Permission denied", "/work"), "no permission to use /work"),
        (OSError(28, "No space left on device", "/work"), "the disk is full"),
        (FileNotFoundError(2, "No such file or directory", "/x"), "no such file or directory: /x"),
    ],
)
def test_error_of_the_library_is_one_sentence_and_exit_code_1(error, sentence):
    result = refuse(error)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {sentence}")
    assert len(result.output.splitlines()) == 1


def test_traceback_is_shown_when_asked_for():
    result = refuse(ValueError("A must be square"), "--traceback")
    assert isinstance(result.exception, ValueError)


def test_wrong_usage_is_exit_code_2():
    result = CliRunner().invoke(main, ["learn", "--port", "70000"])
    assert result.exit_code == 2
    assert "70000" in result.output
