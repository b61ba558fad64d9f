"""`matnn learn`: the course in a folder of the learner's own, opened in JupyterLab."""

from __future__ import annotations

import contextlib
import os
import platform
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from matnn_lib.study.course import course_folder, first_chapter
from matnn_lib.study.delivery import Delivery, deliver

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

LOG = Path(".matnn", "jupyter.log")
HOST = "127.0.0.1"
PORTS = range(8888, 8988)
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_RETRIES = 20  # ports that the server tries itself, should others take those that were free


def learn(
    to: Path | None = None,
    port: int | None = None,
    browser: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Copy the course and serve it until Ctrl-C, or until JupyterLab is shut down from its menu.

    Parameters
    ----------
    to : Path, optional
        The learner's folder; work/ beside the course unless given.
    port : int, optional
        Where to serve; the first free port from 8888 on unless given.
    browser : bool
        Whether to open a browser, where there is one; the address is said in any case.
    say : callable
        Gets each line that is meant for the learner.

    Raises
    ------
    OSError, ValueError
        The course isn't there, its copy can't be made, or the port is taken; in one sentence.
    """
    course = course_folder()
    chapter = first_chapter(course)
    work = course / "work" if to is None else to.absolute()
    try:
        for line in report(deliver(course, work), work):
            say(line)
        with contextlib.suppress(OSError):  # of the last time, or in use by another server
            (work / LOG).unlink()
        retries = 0 if port else _RETRIES
        app = server(work, chapter, find_port(port), retries, browser and can_show_browser())
        invitation = (
            f"JupyterLab serves the course here; Ctrl-C stops it:\n    {address(app, chapter)}"
        )
        app.io_loop.add_callback(say, invitation)  # follows the server's own, which opens the port
        app.start()
    except KeyboardInterrupt:  # before the server had its own handler for Ctrl-C
        pass
    except SystemExit:
        raise OSError(f"JupyterLab could not go on; {work / LOG} says why") from None
    say(f"\nJupyterLab has stopped; your work is kept in {work}.")


def report(delivery: Delivery, work: Path) -> list[str]:
    """Return the lines that tell a learner what a delivery did in `work`."""
    changes = [
        f"{len(names)} {'file' if len(names) == 1 else 'files'} {verb}"
        for names, verb in ((delivery.added, "added"), (delivery.updated, "updated"))
        if names
    ]
    lines = [f"The course is in {work}: {', '.join(changes) or 'nothing new'}."]
    lines += [
        f"{name} is as you left it, but the course has a newer one: to get that, rename yours "
        "and run this again."
        for name in delivery.kept
    ]
    return lines


def find_port(wanted: int | None) -> int:
    """Return the `wanted` port, or without one the first free port from 8888 on.

    Raises
    ------
    OSError
        It is taken or may not be used, or none is free.
    """
    for port in PORTS if wanted is None else [wanted]:
        with socket.socket() as probe:
            if os.name != "nt":  # there it would allow to share a port with another program
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    if wanted is None:
        raise OSError(f"no port from {PORTS[0]} to {PORTS[-1]} is free: name one with --port")
    raise OSError(f"port {wanted} is taken or not allowed: name another, or leave out --port")


def can_show_browser() -> bool:
    """Return whether a graphical browser can open; one in the terminal would only be in the way."""
    if platform.system() == "Linux":
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def server(work: Path, chapter: Path, port: int, retries: int, browser: bool) -> ServerApp:
    """Return a JupyterLab server that holds `port`, or one near it, and is ready to start.

    It listens on this machine alone, asks for its token, and sends nothing to anyone: no news,
    no look-up of updates. What it has to say to a maintainer is in .matnn/jupyter.log.
    """
    # At its import jsonschema would build the grammar of international web addresses, which nothing
    # here checks: most of the time that JupyterLab takes to start (2 s of 3, sometimes 10).
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

    from jupyterlab.labapp import LabApp

    # Python's debugger would greet each kernel's start with a warning in the terminal.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    # A kernel's NumPy would share each product of small matrices among all cores, and take several
    # times as long for it; with one thread its sums are also those of the course's own outputs.
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    # A terminal inside JupyterLab finds the course's own programs, matnn first.
    programs = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
    logging = {
        "handlers": {
            "file": {
                "class": "logging.FileHandler",
                "filename": str(work / LOG),
                "mode": "a",  # Jupyter opens it more than once
                "formatter": "console",
                "level": "WARNING",  # below that the token would be written down
            }
        },
        "loggers": {"ServerApp": {"handlers": ["file"]}},
    }
    arguments = [
        f"--ServerApp.root_dir={work}",
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}",
        f"--ServerApp.port_retries={retries}",
        f"--ServerApp.open_browser={browser}",
        f"--ServerApp.allow_root={is_root()}",
        # A token of our own: a person's settings can't switch it off.
        f"--IdentityProvider.token={secrets.token_hex(24)}",
        f"--LabApp.default_url=/lab/tree/{quote(chapter.as_posix())}",
        "--KernelManager.transport_encryption=auto",
        "--LabApp.log_level=WARN",
        "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
    ]
    app: ServerApp = LabApp.initialize_server(arguments, logging_config=logging)
    stop_on_interrupt(app)
    return app


def stop_on_interrupt(app: ServerApp) -> None:
    """Make one Ctrl-C stop the server and its kernels, a second one not wait for them."""

    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        app.stop(from_signal=True)

    signal.signal(signal.SIGINT, stop)


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def address(app: ServerApp, chapter: Path) -> str:
    """Return the address to open in a browser, with the token that lets its reader in."""
    token = app.identity_provider.token
    return f"{app.connection_url}lab/tree/{quote(chapter.as_posix())}?token={token}"
