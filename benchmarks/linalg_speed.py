"""How long linalg's heavier functions take, and what importing it costs beyond NumPy.

    python benchmarks/linalg_speed.py [--rounds 15]

All run on one core, turn by turn in each round, and what is measured is CPU time, so that waiting
for the core is nobody's cost. Printed are medians over the rounds and, in brackets, the 10 % and
90 % quantiles; a ratio is taken within each round, between neighbours in time.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402  (after the number of threads is set)

from matnn_lib import linalg  # noqa: E402

SIZES = {400: 5, 1000: 2, 2000: 1}
"""Sides of the square Gaussian matrices: calls in a sample."""
COUNTS = {50: 5, 1000: 1}
"""Numbers of 64 × 64 Gaussian factors: calls in a sample."""


def cpu_seconds(call: Callable[[], object], repeat: int) -> float:
    """Return the CPU time of one call."""
    start = time.process_time()
    for _ in range(repeat):
        call()
    return (time.process_time() - start) / repeat


def child_cpu_seconds(program: str) -> float:
    """Return the CPU time of a fresh Python that runs `program`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def summary(samples: list[float], digits: int) -> str:
    """Return the median and, in brackets, the 10 % and 90 % quantiles."""
    low, high = np.quantile(samples, [0.1, 0.9])
    return f"{statistics.median(samples):.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def compare_spectral_norm(rounds: int) -> None:
    """Print spectral_norm beside LAPACK's singular values, on Gaussian matrices."""
    print("spectral_norm, tol 1e-8      ms                LAPACK ms         times as fast")
    for n, repeat in SIZES.items():
        A = np.random.default_rng(0).standard_normal((n, n))
        error = abs(linalg.spectral_norm(A) / np.linalg.norm(A, 2) - 1)
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(1e3 * cpu_seconds(lambda A=A: linalg.spectral_norm(A), repeat))
            theirs.append(1e3 * cpu_seconds(lambda A=A: np.linalg.norm(A, 2), repeat))
        ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
        print(
            f"  {n:5d} × {n:<5d} error {error:.0e} {summary(ours, 1):17s} {summary(theirs, 1):17s} "
            f"{summary(ratios, 1)}"
        )


def time_product_spectrum(rounds: int) -> None:
    """Print product_spectrum beside the products themselves."""
    print("product_spectrum, 64 × 64    ms                multi_dot ms")
    for count, repeat in COUNTS.items():
        factors = np.random.default_rng(0).standard_normal((count, 64, 64)) / 8
        ours, products = [], []
        for _ in range(rounds):
            ours.append(1e3 * cpu_seconds(lambda F=factors: linalg.product_spectrum(F), repeat))
            products.append(1e3 * cpu_seconds(lambda F=factors: multiply(F), repeat))
        print(f"  {count:5d} factors              {summary(ours, 1):17s} {summary(products, 2)}")


def multiply(factors: np.ndarray) -> np.ndarray:
    """Return the product, from left to right."""
    P = factors[0]
    for F in factors[1:]:
        P = P @ F
    return P


def time_import(rounds: int) -> None:
    """Print what the import costs beyond NumPy's, in fresh interpreters."""
    extra = []
    for _ in range(rounds):
        alone = child_cpu_seconds("import numpy")
        extra.append(1e3 * (child_cpu_seconds("import numpy; import matnn_lib.linalg") - alone))
    print(f"import of linalg beyond NumPy, ms  {summary(extra, 0)}")


def main() -> None:
    """Run all three."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    compare_spectral_norm(rounds)
    time_product_spectrum(rounds)
    time_import(rounds)


if __name__ == "__main__":
    main()
