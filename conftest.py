"""What holds for every test: the kernels of notebook tests are reached through files, not ports.

A port is chosen before its kernel starts. Of two kernels that start at the same time one may get
the other's, and dies; files have names of their own.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupyter_client
import nbval.kernel
import pytest


@pytest.fixture(scope="session", autouse=os.name == "posix")
def kernels_without_ports() -> Iterator[None]:
    """Let nbval reach its kernels through sockets in a folder with a short name."""
    with tempfile.TemporaryDirectory(prefix="nb") as folder, pytest.MonkeyPatch.context() as patch:

        def manager(**options: Any) -> jupyter_client.KernelManager:
            file = str(Path(folder, f"{uuid.uuid4().hex[:8]}.json"))
            return jupyter_client.KernelManager(transport="ipc", connection_file=file, **options)

        patch.setattr(nbval.kernel, "KernelManager", manager)
        yield
