"""One worker: a process that is asked one thing at a time, by a clock that is not its own.

The grader's side. Nothing that comes back is trusted: frames are cut off at a length, the log at
another, and whoever breaks the agreement has lost this question and is killed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import selectors
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from matnn_lib.grading.nursery import Nursery
from matnn_lib.grading.sandbox import HOME_BYTES
from matnn_lib.grading.worker import frames

_LONGEST_LOG = 20_000  # bytes that are kept of what the notebook prints
_LONGEST = {frames.ANSWER: 16 << 20, frames.FACTS: 1 << 20}  # bytes of a frame, by its kind
_LONGEST_WORDS = 1000  # and of any other
_GRACE = 2.0  # seconds until the last output of a killed worker must have arrived
_CHUNK = 1 << 16
_TICK = 0.05  # seconds between looks at what a worker has written
_MOST_FILES = 1000


class LostError(Exception):
    """The worker can't be asked any more; the message is the reason, for the feedback page."""


class SlowError(LostError):
    """A limit of time was met; on a busy machine that may be nobody's fault."""


@dataclass
class WorkerProcess:
    """A running worker, as `running` gives it."""

    nursery: Nursery
    questions: int
    answers: int
    output: int
    log: bytearray = field(default_factory=bytearray)
    troubles: list[str] = field(default_factory=list)
    facts: str = ""
    cell: int = 0
    ready: bool = False
    _received: bytearray = field(default_factory=bytearray)

    def begin(self, contents: Sequence[bytes], seconds: float) -> None:
        """Hand over settings, notebook and numbers, and wait until all cells have been run.

        Raises
        ------
        LostError
            They have not been run in time, or the worker ended or broke the agreement.
        """
        for content in contents[:-1]:
            self._exchange(frames.frame(frames.BEGIN, content), seconds, wait=False)
        kind, content = self._exchange(frames.frame(frames.BEGIN, contents[-1]), seconds, wait=True)
        if kind == frames.NO_NOTEBOOK:
            raise LostError(f"it is not a notebook: {content.decode('utf-8', 'replace')}")
        self.ready = True
        with contextlib.suppress(BlockingIOError):
            while self._drain():
                pass

    def ask(self, kind: bytes, content: bytes, seconds: float) -> tuple[bytes, bytes]:
        """Return the kind (`ANSWER`, `RAISED` or `NO_ANSWER`) and the content of what came.

        Raises
        ------
        LostError
            None came in time, or nothing that is an answer.
        """
        return self._exchange(frames.frame(kind, content), seconds, wait=True)

    def _exchange(self, message: bytes, seconds: float, *, wait: bool) -> tuple[bytes, bytes]:
        """Write `message`, drain the log, and, if asked to `wait`, return the frame that comes."""
        deadline = time.monotonic() + seconds
        unsent = memoryview(message)
        with selectors.DefaultSelector() as selector:
            selector.register(self.answers, selectors.EVENT_READ)
            selector.register(self.output, selectors.EVENT_READ)
            selector.register(self.questions, selectors.EVENT_WRITE)
            while True:
                if not unsent:
                    if self.questions in selector.get_map():
                        selector.unregister(self.questions)
                    if not wait:
                        return b"", b""
                    found = self._frame()
                    if found is not None:
                        return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise SlowError(self._too_slow(seconds))
                self._check_home()
                for key, _ in selector.select(min(left, _TICK)):
                    if key.fd == self.questions:
                        unsent = unsent[self._write(unsent) :]
                    elif key.fd == self.answers:
                        self._read_answers()
                    elif not self._drain():
                        selector.unregister(self.output)

    def _write(self, unsent: memoryview) -> int:
        try:
            return os.write(self.questions, unsent[:_CHUNK])
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            raise LostError(self._ended()) from None

    def _read_answers(self) -> None:
        part = os.read(self.answers, _CHUNK)
        if not part:
            raise LostError(self._ended())
        self._received += part

    def _frame(self) -> tuple[bytes, bytes] | None:
        """Take the next frame that answers something; note what others say about the run."""
        while len(self._received) >= frames.LENGTH.size:
            (size,) = frames.LENGTH.unpack_from(self._received)
            kind = bytes(self._received[8:9])
            if not 1 <= size <= 1 + max(_LONGEST.values()):
                raise LostError("it gave an answer of more than 16 MB")
            if kind and size > 1 + _LONGEST.get(kind, _LONGEST_WORDS):
                # Before they have arrived: the worker's own side sends no more.
                raise LostError("it sent more words than were agreed")
            end = frames.LENGTH.size + size
            if len(self._received) < end:
                return None
            content = bytes(self._received[9:end])
            del self._received[:end]
            if kind == frames.CELL:
                self.cell = int.from_bytes(content[:4], "little")
            elif kind == frames.TROUBLE:
                if len(self.troubles) < 20:
                    raised = content.decode("utf-8", "replace")
                    self.troubles.append(f"cell {self.cell} raised {raised}")
            elif kind == frames.FACTS and not (self.facts or self.cell):
                # They come before the first of the student's code has run.
                self.facts = content.decode("utf-8", "replace")
            elif kind in self._awaited():
                return kind, content
            else:
                raise LostError("it gave an answer where none was asked for")
        return None

    def _awaited(self) -> tuple[bytes, ...]:
        """Return the kinds of frames that may come now, beside those that tell of cells."""
        if self.ready:
            return frames.ANSWER, frames.RAISED, frames.NO_ANSWER
        return (frames.READY,) if self.cell else (frames.READY, frames.NO_NOTEBOOK)

    def _drain(self) -> bool:
        """Read from the log, keep its beginning, and return whether more may come."""
        part = os.read(self.output, _CHUNK)
        self.log += part[: max(0, _LONGEST_LOG - len(self.log))]
        return bool(part)

    def _check_home(self) -> None:
        """Stop a worker that writes too much (in bubblewrap, its folder is of that size)."""
        with os.scandir(self.nursery.home) as entries:
            files = list(itertools.islice(entries, _MOST_FILES + 1))
        size = 0
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                size += file.stat(follow_symlinks=False).st_blocks * 512
        if size > HOME_BYTES or len(files) > _MOST_FILES:
            raise LostError(f"it wrote more than {HOME_BYTES >> 20} MB or {_MOST_FILES} files")

    def _too_slow(self, seconds: float) -> str:
        if self.ready:
            return f"it did not end within {seconds:g} s"
        return f"cell {self.cell} did not end within {seconds:g} s"

    def _ended(self) -> str:
        """Return how the worker ended; it has closed its side, so it is gone or as good as that."""
        status = self.nursery.end_worker()
        if status is None:
            how = "it ended the process that watches over it"
        elif -status in set(signal.Signals):
            how = f"it was ended by {signal.Signals(-status).name}"
        else:
            how = f"it ended the process with status {status}"
        return how if self.ready else f"in cell {self.cell}, {how}"

    def stop(self) -> None:
        """Kill the worker, and wait until nobody holds the log any more."""
        self.nursery.end_worker()
        deadline = time.monotonic() + _GRACE
        with selectors.DefaultSelector() as selector:
            selector.register(self.output, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0 and selector.select(left):
                if not self._drain():
                    break


@contextmanager
def running(nursery: Nursery) -> Iterator[WorkerProcess]:
    """Give a worker, and kill it afterwards.

    Raises
    ------
    NurseryError
        None can be made.
    """
    theirs_in, questions = os.pipe()
    answers, theirs_out = os.pipe()
    output, theirs_log = os.pipe()
    theirs, ours = (theirs_in, theirs_out, theirs_log), (questions, answers, output)
    try:
        try:
            nursery.worker(*theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        for descriptor in (questions, output):
            os.set_blocking(descriptor, False)
        worker = WorkerProcess(nursery, *ours)
        try:
            yield worker
        finally:
            worker.stop()
    finally:
        for descriptor in ours:
            os.close(descriptor)
