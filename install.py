"""Install the course into .venv, beside this file; once that is done, return at once.

    python3 install.py            (Windows: py install.py)

What is installed is what requirements.lock names, checked against its hashes. An installation
that was interrupted is made anew. `make` calls this before everything else.

Any Python can read this file, 2.7 too: an old one is told so in a sentence instead of meeting
a SyntaxError.
"""

from __future__ import print_function

import contextlib
import hashlib
import os
import re
import subprocess
import sys

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

OLDEST_PYTHON = (3, 11)
LOCKED = ("install.py", "pyproject.toml", "requirements.lock", "requirements-uv.lock")

# Without a network pip and uv are to say so in seconds; who needs more patience sets these.
BOUNDS = {"PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "15", "UV_HTTP_RETRIES": "1"}

# What the tools print, and what it means to the person who waits; the first match counts.
DISK, PERMISSION, HASH, NETWORK = (
    (
        r"No space left on device|Disk quota exceeded|not enough space on the disk|os error 28\b",
        "The disk is full: the course needs about 0.7 GB where it lies, and as much for the "
        "package cache if your home folder is on another disk; make room, then run the same "
        "command again.",
    ),
    (
        r"Permission denied|Read-only file system|Access is denied",
        "No permission to write where the course lies, or in your home folder, where the package "
        "cache goes: clone the course into a folder of your own, and see that HOME is one.",
    ),
    (
        r"DO NOT MATCH THE HASHES|[Hh]ash mismatch",
        "A downloaded package is not the one that requirements.lock names (its hash differs) and "
        "was not installed: run the same command again, or try another network.",
    ),
    (
        r"[Nn]ame resolution|Name or service not known|nodename nor servname|getaddrinfo|"
        r"NameResolutionError|NewConnectionError|dns error|Network is unreachable|"
        r"Connection refused|[Tt]imed out|Max retries exceeded|[Cc]onnection broken|"
        r"error sending request|Failed to fetch|SSLError|certificate",
        "The packages can't be fetched: the first installation needs a network (once installed, "
        "the course does not); connect, then run the same command again.",
    ),
)


class InstallationError(Exception):
    """What stands in the way of the installation, and what to do about it: one sentence."""


def main():
    try:
        install(os.path.dirname(os.path.abspath(__file__)))
    except InstallationError as problem:
        sys.exit(str(problem))
    except (IOError, OSError) as error:
        sys.exit(diagnose(str(error)))
    except KeyboardInterrupt:
        sys.exit("The installation was interrupted; the same command starts it again.")


def install(root):
    """Bring `root`/.venv up to what the locks name, while no other installation does."""
    with alone(os.path.join(root, "install.py")):
        install_alone(root)


@contextlib.contextmanager
def alone(path):
    """Hold a lock on the file at `path`; wait for it if need be. Windows does without."""
    with open(path, "rb") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (IOError, OSError):
                print("Another installation is running here; this one goes on when it is done.")
                sys.stdout.flush()
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install_alone(root):
    """Make or complete `root`/.venv; the stamp that says that it is whole is written last."""
    environment = os.path.join(root, ".venv")
    stamp = os.path.join(environment, "installed.txt")
    place, content = fingerprints(root)
    stamped = read(stamp).split()
    stands = stamped[:1] == [place] and works(environment)
    if stands and stamped[1:] == [content]:
        return
    check_version(sys.version_info, sys.executable)
    check_modules(sys.version_info)
    check_writable(root)
    print("Installing the course into .venv (0.7 GB; a minute or two the first time) ...")
    sys.stdout.flush()
    if stands:
        os.remove(stamp)
    else:
        make_environment(root, environment)
    install_packages(root, environment)
    with open(stamp, "w") as file:
        file.write("%s %s\n" % (place, content))
    print("Installed.")


def fingerprints(root):
    """Return the hash of where the course lies and the hash of what is to be installed.

    An environment that was moved no longer works: its programs name the place it was made in.
    """
    place = root if isinstance(root, bytes) else root.encode("utf-8", "surrogateescape")
    content = hashlib.sha256()
    for name in LOCKED:
        with open(os.path.join(root, name), "rb") as file:
            content.update(hashlib.sha256(file.read()).digest())
    return hashlib.sha256(place).hexdigest(), content.hexdigest()


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except (IOError, OSError):
        return ""


def program(environment, name):
    """Return the path of a program of the environment: bin/NAME, on Windows Scripts/NAME.exe."""
    if os.name == "nt":
        return os.path.join(environment, "Scripts", name + ".exe")
    return os.path.join(environment, "bin", name)


def works(environment):
    """Return whether the environment's Python starts and finds its packages.

    It does not after the Python below it was removed, or replaced by the next version.
    """
    return run([program(environment, "python"), "-c", "import click"], environment) is None


def check_version(version, executable):
    if tuple(version[:2]) < OLDEST_PYTHON:
        raise InstallationError(
            "Python 3.11 or newer is needed; this is %d.%d (%s); try make PYTHON=python3.12, or "
            "python3.12 install.py." % (version[0], version[1], executable)
        )


def check_modules(version):
    """Say what to install where Python comes in parts, as in Debian and Ubuntu."""
    try:
        import ensurepip
        import venv
    except ImportError:
        raise InstallationError(
            "This Python lacks its venv module; install it (Debian, Ubuntu: apt install "
            "python%d.%d-venv), then run the same command again." % tuple(version[:2])
        )
    return ensurepip, venv


def check_writable(root):
    if not os.access(root, os.W_OK):
        raise InstallationError(
            "No permission to write in %s, where .venv must go: clone the course into a folder "
            "of your own." % root
        )


def make_environment(root, environment):
    # From within an environment (this one, perhaps), its base is what a new one is made from.
    base = getattr(sys, "_base_executable", None) or sys.executable
    failed = run([base, "-m", "venv", "--clear", environment], root)
    if failed is not None:
        raise InstallationError(diagnose(failed))


def install_packages(root, environment):
    """Install the locked packages and the course itself, which is used from where it lies.

    uv takes seconds where pip takes a minute, but it is not to be had everywhere and does not
    know pip's settings (mirrors, proxies): where it fails for want of those, pip takes over.
    """
    python = program(environment, "python")
    pip = [python, "-m", "pip", "install", "--quiet"]
    uv = [program(environment, "uv"), "pip", "install", "--system-certs", "--python", python]
    locked = ["--require-hashes", "-r", "requirements.lock"]
    course = ["--no-deps", "--no-build-isolation", "-e", "."]
    failed = run(pip + ["--require-hashes", "-r", "requirements-uv.lock"], root)
    if failed is None:
        failed = first_failure([uv + locked, uv + course], root)
    if failed is not None and cause(failed) not in (DISK, PERMISSION):
        failed = first_failure([pip + locked, pip + course], root)
    if failed is not None:
        raise InstallationError(diagnose(failed))


def first_failure(commands, root):
    for command in commands:
        failed = run(command, root)
        if failed is not None:
            return failed
    return None


def run(command, folder):
    """Run `command` in `folder`; return None, or all that it printed if it failed."""
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=settings(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except (IOError, OSError) as error:
        return str(error)
    output = process.communicate()[0].decode("utf-8", "replace")
    return output if process.returncode != 0 else None


def settings(environ):
    """Return the variables for pip and uv: the person's own, less what would lead them astray."""
    kept = dict(environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT"):
        kept.pop(name, None)
    kept.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    for name, value in BOUNDS.items():
        kept.setdefault(name, value)
    return kept


def cause(output):
    """Return the known cause of a failure that printed `output`, or None."""
    for known in (DISK, PERMISSION, HASH, NETWORK):
        if re.search(known[0], output):
            return known
    return None


def diagnose(output):
    """Return one sentence on a failure that printed `output`; it names no address."""
    known = cause(output)
    if known is not None:
        return known[1]
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = re.sub(r"\w+://\S+", "(address)", " | ".join(lines[-3:]))
    return "The installation failed, and its last words were: %s" % (last or "(none)")


if __name__ == "__main__":
    main()
