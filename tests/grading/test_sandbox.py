"""Each layer refuses what it is there for, and a layer that doesn't hold is not counted."""

from __future__ import annotations

import os
import platform
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.grading import keeper, probe, sandbox
from matnn_lib.grading.keeper import Place
from matnn_lib.grading.worker import landlock, seccomp

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")

ALLOW, KILL, DENIED = 0x7FFF0000, 0x80000000, 0x00050001
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
DANGEROUS = set(
    """
    accept bind bpf chmod chown clone clone3 connect execve execveat fanotify_init fchmod fchmodat
    fchown fork io_uring_setup kcmp kexec_load keyctl kill link linkat listen memfd_create
    mkdir mkdirat mknod mount mq_open msgget open_by_handle_at openat2 perf_event_open personality
    pidfd_getfd pidfd_open pidfd_send_signal pivot_root prctl process_vm_readv process_vm_writev
    ptrace reboot rt_sigqueueinfo rt_tgsigqueueinfo sched_setaffinity semget setns setpriority
    setresuid setrlimit setsid setuid setxattr shmat shmget signalfd4 socket socketpair splice
    swapon symlink
    symlinkat tgkill timer_create tkill truncate umount2 unshare userfaultfd utimensat vfork
    """.split()  # noqa: SIM905
)


@pytest.fixture(scope="module")
def here() -> Iterator[Place]:
    with keeper.place(trust=True) as prepared:
        yield prepared


def verdict(machine: str, arch: int, number: int, arguments: tuple[int, ...] = (0,) * 6) -> int:
    """Run the filter as the kernel would, on one call."""
    data = struct.pack("<IIQ6Q", number, arch, 0, *arguments)
    code = list(struct.iter_unpack("<HBBI", seccomp.program(machine)))
    value = place = 0
    while True:
        operation, if_true, if_false, constant = code[place]
        place += 1
        if operation == 0x20:  # load a word
            (value,) = struct.unpack_from("<I", data, constant)
        elif operation == 0x15:  # jump if equal
            place += if_true if value == constant else if_false
        elif operation == 0x35:  # jump if at least
            place += if_true if value >= constant else if_false
        elif operation == 0x06:  # return
            return int(constant)
        else:
            raise AssertionError(hex(operation))


@pytest.mark.parametrize("machine", MACHINES)
@settings(max_examples=200, deadline=None, derandomize=True)
@given(number=st.integers(0, 600))
def test_a_call_is_allowed_exactly_if_it_is_in_the_table(machine: str, number: int) -> None:
    known = {n: name for name, n in seccomp.numbers(machine).items()}
    result = verdict(machine, MACHINES[machine], number)
    if number not in known:
        assert result == DENIED
    elif known[number] not in seccomp.RESTRICTED:
        assert result == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", seccomp.RESTRICTED)
def test_of_a_restricted_call_only_the_listed_uses_are_allowed(machine: str, name: str) -> None:
    offset, values = seccomp.RESTRICTED[name]
    number = seccomp.numbers(machine)[name]
    for value in {*values, *range(40), 1031, 0x5412, 0x89A0, 2**31}:
        arguments = [0] * 6
        arguments[(offset - 16) // 8] = value
        expected = ALLOW if value in values else DENIED
        assert verdict(machine, MACHINES[machine], number, tuple(arguments)) == expected


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_end_the_process(machine: str) -> None:
    for arch in (0x40000003, 0x40000028, *MACHINES.values()):
        if arch != MACHINES[machine]:
            assert verdict(machine, arch, 0) == KILL
    if machine == "x86_64":
        assert verdict(machine, MACHINES[machine], 0x40000000) == DENIED


def test_nothing_dangerous_is_in_the_table() -> None:
    for machine in MACHINES:
        assert not DANGEROUS & set(seccomp.numbers(machine))


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_the_numbers_are_those_of_linux(machine: str, header: str) -> None:
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed")
    text = Path(header).read_text()
    found = dict(re.findall(r"#define __NR_(?:3264_)?(\w+)\s+(\d+)\b", text))
    found |= dict(re.findall(r"#define __NR3264_(\w+)\s+(\d+)\b", text))
    found["newfstatat"] = found.get("newfstatat", found.get("fstatat", ""))
    for name, number in seccomp.numbers(machine).items():
        assert found[name] == str(number), name


def test_the_strictest_sandbox_that_this_machine_can_have_is_active(here: Place) -> None:
    expected = {"resource limits"}
    if landlock.version() and platform.machine() in MACHINES:
        expected |= {"Landlock", "seccomp"}
    if os.geteuid() == 0:
        expected |= {"a user id of its own"}
    wall = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    if shutil.which("bwrap") and subprocess.run(wall, capture_output=True).returncode == 0:
        expected |= {"bubblewrap"}
    assert set(here.sandbox.layers) == expected


@pytest.mark.parametrize("layers", ["Landlock and seccomp", "bubblewrap", "all"])
def test_each_set_of_layers_refuses_what_it_must_by_itself(layers: str, here: Place) -> None:
    stage = here.stage
    plain = sandbox.Sandbox(here.sandbox.uid)
    inner = layers != "bubblewrap"
    outer = shutil.which("bwrap") or "" if layers != "Landlock and seccomp" else ""
    if (inner and not landlock.version()) or (layers != "Landlock and seccomp" and not outer):
        pytest.skip(
            "this layer is not here; .ci/run installs bubblewrap, Landlock needs Linux 5.13"
        )
    one = replace(plain, landlock=inner, seccomp=inner, bubblewrap=outer)
    report = probe.attempts(one, stage)
    if report is None and outer:
        pytest.skip("bubblewrap is installed, but may not make namespaces here")
    assert report is not None
    assert all(refused for name, refused in report.items() if name != "communicate" or inner)
    assert probe.holds(one, stage)


def test_without_layers_a_worker_reads_and_connects(here: Place) -> None:
    report = probe.attempts(sandbox.Sandbox(here.sandbox.uid), here.stage)
    assert report is not None
    assert not report["read"]
    assert not report["connect"]
    assert not report["communicate"]


def test_a_layer_that_does_not_hold_is_not_counted(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretended = replace(here.sandbox, landlock=True, seccomp=True, bubblewrap="")

    def open_all(stage: object, home: Path) -> dict[str, list[str]]:
        return {"listed": [], "read": ["/"], "kept": [str(home)]}

    monkeypatch.setattr(sandbox, "_files", open_all)
    assert not probe.holds(pretended, here.stage)


def test_a_bubblewrap_that_fails_is_left_out(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = shutil.which("false")
    monkeypatch.setattr("shutil.which", lambda name: broken)
    assert probe.confine(here.stage).bubblewrap == ""


def test_without_a_safe_sandbox_nothing_is_run_unless_it_is_trusted(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = sandbox.Sandbox(here.sandbox.uid)
    monkeypatch.setattr(probe, "confine", lambda stage: weak)
    with pytest.raises(RuntimeError, match="--trust-submissions"), keeper.place(trust=False):
        pass
    with keeper.place(trust=True) as trusted:
        assert trusted.sandbox == weak


def test_nothing_is_left_of_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with keeper.place(trust=True) as prepared:
        assert prepared.stage.main.exists()
    assert list(tmp_path.iterdir()) == []
