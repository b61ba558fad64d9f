"""`matnn learn` for real: a server on this machine alone, with its token, until Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from matnn_lib.study import course as course_module
from matnn_lib.study import learn
from matnn_lib.study.delivery import Delivery

COURSE = course_module.course_folder()
SECONDS = 60


@pytest.fixture
def person(tmp_path):
    """The variables of a person whose own settings would switch off the token, for all to see."""
    settings = tmp_path / "home" / ".jupyter" / "jupyter_server_config.py"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        "c.IdentityProvider.token = ''\n"
        "c.ServerApp.ip = '0.0.0.0'\n"
        "c.ServerApp.root_dir = '/'\n"
        "c.ServerApp.open_browser = True\n"
        "c.ServerApp.log_level = 10\n"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "XDG"))}
    return kept | {"HOME": str(tmp_path / "home")}


def command(*arguments):
    return [sys.executable, "-m", "matnn_lib", "learn", "--no-browser", *map(str, arguments)]


def ask(address, path, token=None):
    """Return the status and the decoded answer of the server."""
    header = {} if token is None else {"Authorization": f"token {token}"}
    request = urllib.request.Request(address + path, headers=header)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, None


def test_learner_gets_chapter_00_from_a_server_that_asks_for_its_token(tmp_path, person):
    work = tmp_path / "my work"
    with subprocess.Popen(
        command("--to", work),
        env=person,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said = ""
            while "token=" not in said and (line := process.stdout.readline()):
                said += line
            opened = re.search(r"(http://127\.0\.0\.1:\d+)/lab/tree/(\S+)\?token=(\w+)", said)
            assert opened, said
            address, chapter, token = opened.groups()
            assert chapter.startswith("chapters/00-")
            assert ask(address, "/api/status", token)[0] == 200
            for wrong in (None, "", "0" * len(token)):
                assert ask(address, "/api/status", wrong)[0] == 403
            status, contents = ask(address, f"/api/contents/{chapter}", token)
            assert status == 200
            assert contents["content"]["cells"]
            assert ask(address, "/api/contents/home", token)[0] == 404
            assert not (work / ".matnn" / "jupyter.log").read_text().count(token)
            port = address.rpartition(":")[2]
            second = subprocess.run(
                command("--to", work, "--port", port),
                env=person,
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
            assert second.returncode == 1
            assert f"port {port} is taken" in second.stderr
            assert "Traceback" not in second.stderr
        finally:
            process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=SECONDS)[0]
    assert process.returncode == 0
    runtime = Path(person["HOME"]).rglob("runtime/jpserver-*")
    assert list(runtime) == [], "it went without cleaning up"
    assert rest.strip() == f"JupyterLab has stopped; your work is kept in {work}."


def test_kernels_get_one_thread_unless_a_person_said_otherwise(tmp_path, person):
    names = learn.ONE_THREAD
    program = (
        "import os; from pathlib import Path; from matnn_lib.study import learn\n"
        f"work = Path({str(tmp_path)!r}); (work / learn.LOG).parent.mkdir()\n"
        "app = learn.server(work, Path('chapters/00.ipynb'), learn.find_port(None), 9, False)\n"
        f"print(*(os.environ[name] for name in {names}))"
    )
    own = {k: v for k, v in person.items() if k not in names} | {names[1]: "3"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=own, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.stdout.split()[-3:] == ["1", "3", "1"], done.stderr


def test_next_free_port_is_taken_when_8888_is_not_free():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", learn.PORTS[0]))
            other.listen()
        except OSError:
            pass  # somebody's JupyterLab has it: just as well
        assert learn.find_port(None) in learn.PORTS[1:]


def test_port_that_another_takes_at_the_last_moment_is_no_end(tmp_path, person):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        program = (
            "from pathlib import Path; from matnn_lib.study import learn\n"
            f"learn.find_port = lambda wanted: {taken}\n"
            f"learn.learn(Path({str(tmp_path / 'work')!r}), browser=False)"
        )
        with subprocess.Popen(
            [sys.executable, "-u", "-c", program], env=person, stdout=subprocess.PIPE, text=True
        ) as process:
            said = [process.stdout.readline() for _ in range(3)]
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=SECONDS)
    address = re.search(r"http://127\.0\.0\.1:(\d+)/", said[2])
    assert address, said
    assert int(address[1]) != taken


def test_jupyter_says_in_its_log_why_it_did_not_start(tmp_path, person):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        program = (
            "from pathlib import Path; from matnn_lib.study import learn\n"
            "learn.find_port = lambda wanted: wanted\n"
            f"learn.learn(Path({str(tmp_path / 'work')!r}), {taken}, False)"
        )
        failed = subprocess.run(
            [sys.executable, "-c", program], env=person, capture_output=True, text=True
        )
    assert "jupyter.log says why" in failed.stderr
    assert f"port {taken} is not available" in (tmp_path / "work" / learn.LOG).read_text()


def test_port_that_was_named_is_used_or_refused():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} is taken"):
            learn.find_port(port)
    assert learn.find_port(port) == port


def test_report_names_what_came_and_how_to_get_what_did_not():
    came = learn.report(Delivery(["a", "b"], ["c"], []), Path("work"))
    assert came == ["The course is in work: 2 files added, 1 file updated."]
    assert learn.report(Delivery([], [], []), Path("work")) == [
        "The course is in work: nothing new."
    ]
    kept = learn.report(Delivery([], [], ["chapters/02-rank.ipynb"]), Path("work"))
    assert len(kept) == 2
    assert "chapters/02-rank.ipynb" in kept[1]
    assert "rename yours" in kept[1]


def test_library_without_its_course_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(course_module.matnn_lib, "__file__", str(tmp_path / "m" / "__init__.py"))
    with pytest.raises(FileNotFoundError, match="get the whole course"):
        learn.learn(to=tmp_path / "work")
    (tmp_path / "chapters").mkdir()
    with pytest.raises(FileNotFoundError, match="no chapter yet"):
        learn.learn(to=tmp_path / "work")
    assert not (tmp_path / "work").exists()
