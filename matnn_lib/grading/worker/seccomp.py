"""Let a process make no system call but those that computing needs: a seccomp filter.

Whatever isn't in the table fails with "operation not permitted": new processes and threads,
sockets of any kind, signals to others, other processes' memory and limits, modes, owners and
times of files, memory that no limit counts, and all that will be added to kernels in future.
See seccomp(2) of the Linux manual for the filter, bpf(4) of BSD for its language.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

# Name, number on x86_64, number on aarch64 ("-": not there), as in Linux's asm/unistd.h.
TABLE = """
    access:21:- alarm:37:- arch_prctl:158:- brk:12:214 chdir:80:49 clock_getres:229:114
    clock_gettime:228:113 clock_nanosleep:230:115 close:3:57 close_range:436:436
    copy_file_range:326:285 dup:32:23 dup2:33:- dup3:292:24 epoll_create1:291:20 epoll_ctl:233:21
    epoll_pwait:281:22 epoll_wait:232:- eventfd2:290:19 exit:60:93 exit_group:231:94
    faccessat:269:48 faccessat2:439:439 fchdir:81:50 fcntl:72:25 fdatasync:75:83 flock:73:32
    fstat:5:80 fstatfs:138:44 fsync:74:82 ftruncate:77:46 futex:202:98 get_robust_list:274:100
    getcpu:309:168 getcwd:79:17 getdents64:217:61 getegid:108:177 geteuid:107:175 getgid:104:176
    getgroups:115:158 getitimer:36:102 getpgid:121:155 getpgrp:111:- getpid:39:172 getppid:110:173
    getrandom:318:278 getresgid:120:150 getresuid:118:148 getrlimit:97:163 getrusage:98:165
    getsid:124:156 gettid:186:178 gettimeofday:96:169 getuid:102:174 ioctl:16:29 lseek:8:62
    lstat:6:- madvise:28:233 membarrier:324:283 mmap:9:222 mprotect:10:226 mremap:25:216
    msync:26:227 munmap:11:215 nanosleep:35:101 newfstatat:262:79 open:2:- openat:257:56 pipe:22:-
    pipe2:293:59 poll:7:- ppoll:271:73 pread64:17:67 preadv:295:69 prlimit64:302:261
    pselect6:270:72 pwrite64:18:68 pwritev:296:70 read:0:63 readlink:89:- readlinkat:267:78
    readv:19:65 rename:82:- renameat:264:38 renameat2:316:276 restart_syscall:219:128 rseq:334:293
    rt_sigaction:13:134 rt_sigpending:127:136 rt_sigprocmask:14:135 rt_sigreturn:15:139
    rt_sigtimedwait:128:137 sched_getaffinity:204:123 sched_yield:24:124 select:23:-
    sendfile:40:71 set_robust_list:273:99 set_tid_address:218:96 setitimer:38:103
    sigaltstack:131:132 stat:4:- statfs:137:43 statx:332:291 sysinfo:99:179 time:201:-
    times:100:153 umask:95:166 uname:63:160 unlink:87:- unlinkat:263:35 write:1:64 writev:20:66
"""
_COLUMN = {"x86_64": 0, "aarch64": 1}
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000  # numbers from here on are x86_64's other, shorter-pointered calls

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_ERROR = 0x00050000
_EPERM = 1

# What follows a load: compare with a constant, jump by so much if equal (or not), or return.
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCH = 0, 4
_FIRST, _SECOND = 16, 24  # where the low halves of a call's arguments are

# Of calls that can do more than computing needs, the argument that is looked at and what it may be.
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 1030)  # duplicate, get and set flags, file locks
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal; how much waits; flags
RESTRICTED = {
    "fcntl": (_SECOND, _FCNTL),
    "ioctl": (_SECOND, _IOCTL),
    "prlimit64": (_FIRST, (0,)),
}


def numbers(machine: str) -> dict[str, int]:
    """Return the allowed calls of this machine, by name.

    Examples
    --------
    >>> numbers("x86_64")["read"], numbers("aarch64")["read"]
    (0, 63)
    """
    rows = (row.split(":") for row in TABLE.split())
    column = 1 + _COLUMN[machine]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def program(machine: str) -> bytes:
    """Return the filter for a machine: instructions of eight bytes each."""
    code = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, _ARCHITECTURE[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _ERROR | _EPERM),
    ]
    for name, number in numbers(machine).items():
        checks: list[tuple[int, int, int, int]]
        if name in RESTRICTED:
            argument, values = RESTRICTED[name]
            checks = [(_LOAD, 0, 0, argument)]
            checks += [(_EQUAL, len(values) - k, 0, v) for k, v in enumerate(values)]
            checks += [(_RETURN, 0, 0, _ERROR | _EPERM), (_RETURN, 0, 0, _ALLOW)]
        else:
            checks = [(_RETURN, 0, 0, _ALLOW)]
        code += [(_EQUAL, 0, len(checks), number), *checks]
    code.append((_RETURN, 0, 0, _ERROR | _EPERM))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


def restrict() -> None:
    """Install the filter; it can't be taken off again. `no_new_privs` must be set.

    Raises
    ------
    OSError
        The kernel has no seccomp, or this machine's numbers aren't known here.
    """
    machine = platform.machine()
    if machine not in _COLUMN:
        raise OSError(f"the system calls of {machine} are not known")
    code = program(machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: the number of instructions, padding, a pointer to them.
    header = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), header):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
