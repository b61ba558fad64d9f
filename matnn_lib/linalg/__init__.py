"""Matrix analysis on plain arrays: arrays in, arrays out."""

from matnn_lib.linalg.eigen import ConvergenceError, Eigenpair, power_iteration, spectral_radius
from matnn_lib.linalg.elimination import Echelon, row_echelon
from matnn_lib.linalg.factors import CUBIC, MUON, low_rank, newton_schulz, polar_factor
from matnn_lib.linalg.norms import spectral_norm
from matnn_lib.linalg.powers import inverse_root, matrix_power, spectrum_power
from matnn_lib.linalg.products import lyapunov_exponents, product_spectrum
from matnn_lib.linalg.random_matrices import haar_orthogonal, marchenko_pastur
from matnn_lib.linalg.rank import effective_rank, rank, stable_rank

__all__ = [
    "CUBIC",
    "MUON",
    "ConvergenceError",
    "Echelon",
    "Eigenpair",
    "effective_rank",
    "haar_orthogonal",
    "inverse_root",
    "low_rank",
    "lyapunov_exponents",
    "marchenko_pastur",
    "matrix_power",
    "newton_schulz",
    "polar_factor",
    "power_iteration",
    "product_spectrum",
    "rank",
    "row_echelon",
    "spectral_norm",
    "spectral_radius",
    "spectrum_power",
    "stable_rank",
]
