"""How long a training step takes, beside its matrix products alone, PyTorch and JAX.

    python benchmarks/training_step.py [--dtype float32] [--rounds 8] [--starts 4] [NET ...]

Each contender has a process of its own, all on one core, and they take turns. What is measured is
a process's CPU time, so that waiting for the core is nobody's cost. A round counts only if the
matrix products, timed before and after the others, took the same time twice: a neighbour who uses
the caches shows there first. Where its arrays happen to lie in memory makes the same code up to a
tenth faster or slower for as long as a process lives; so all are started several times, with other
addresses each time. Printed are the medians of the ratios within a round over all starts, and their
10 % and 90 % quantiles.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import statistics
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import numpy as np  # noqa: E402  (after the number of threads is set)
from contenders import CONTENDERS  # noqa: E402

NETS = {"100x64": (100, 64, 64), "1000x64": (1000, 64, 64), "20x512": (20, 512, 256)}
"""Name: hidden tanh layers, their width (and the input's), batch."""
QUIET = 0.05
"""Largest relative difference between the two times of the products in a round that counts."""
TRIES = 10
"""Rounds that are run at most, for each that is needed."""


def shift_addresses() -> list[np.ndarray]:
    """Take up memory in pieces of random sizes, with gaps; what is returned has to be kept."""
    pieces = [np.ones(random.randrange(200, 30_000)) for _ in range(300)]
    random.shuffle(pieces)
    return pieces[::2]


def serve(end: Connection, title: str, *problem: object) -> None:
    """Take a sample for each message, until there are no more."""
    kept = shift_addresses()  # noqa: F841
    sample = CONTENDERS[title](*problem)
    sample()
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while end.recv():
            end.send(sample())


@contextlib.contextmanager
def contender(title: str, *problem: object) -> Iterator[Callable[[], float]]:
    """Start a contender in its process; give a function that asks it for a sample."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, title, *problem), daemon=True)
    process.start()
    theirs.close()

    def sample() -> float:
        ours.send(True)
        return float(ours.recv())

    try:
        yield sample
    finally:
        ours.close()
        process.join()


def rounds(samples: dict[str, Callable[[], float]], wanted: int) -> Iterator[dict[str, float]]:
    """Yield the times of quiet rounds until there are enough, or too many were noisy."""
    quiet = 0
    for _ in range(TRIES * wanted):
        times = {title: sample() for title, sample in samples.items()}
        before, after = times["products"], samples["products"]()
        if abs(after - before) <= QUIET * min(before, after):
            quiet += 1
            yield times | {"products": (before + after) / 2}
        if quiet == wanted:
            return
    raise SystemExit(
        f"only {quiet} of {TRIES * wanted} rounds were quiet: the machine is too busy to measure on"
    )


def measure(name: str, dtype: str, wanted: int) -> list[dict[str, float]]:
    """Start all contenders, and return the times of so many quiet rounds."""
    depth, width, batch = NETS[name]
    steps = max(1, 2000 // depth // (width // 64) ** 2)
    with contextlib.ExitStack() as stack:
        samples = {
            title: stack.enter_context(contender(title, depth, width, batch, dtype, steps))
            for title in CONTENDERS
        }
        for sample in samples.values():
            sample()
        return list(rounds(samples, wanted))


def report(name: str, dtype: str, wanted: int, starts: int) -> None:
    """Measure one net and print its row."""
    measured = [times for _ in range(starts) for times in measure(name, dtype, wanted)]
    base = statistics.median(times["products"] for times in measured)
    cells = [f"products {1e3 * base:.2f} ms"]
    for title in list(CONTENDERS)[1:]:
        ratios = sorted(times[title] / times["products"] for times in measured)
        low, middle, high = (ratios[round(q * (len(ratios) - 1))] for q in (0.1, 0.5, 0.9))
        cells.append(f"{title} {middle:.2f} ({low:.2f}–{high:.2f})")
    print(f"{name:8} {dtype}  " + "  ".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nets", nargs="*", metavar="NET", help=f"of {', '.join(NETS)}; default all")
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float64")
    parser.add_argument("--rounds", type=int, default=8, help="quiet rounds for each start")
    parser.add_argument("--starts", type=int, default=4, help="times that all are started")
    arguments = parser.parse_args()
    unknown = set(arguments.nets) - set(NETS)
    if unknown:
        parser.error(f"no such net: {', '.join(sorted(unknown))}")
    tuned = [name for name in os.environ if name.startswith("OPENBLAS_") and "THREADS" not in name]
    if tuned:
        print(f"{' and '.join(sorted(tuned))} change NumPy's products: unset them for its best")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in arguments.nets or NETS:
        report(name, arguments.dtype, arguments.rounds, arguments.starts)


if __name__ == "__main__":
    main()
