from __future__ import annotations

import numpy as np
import pytest

from matnn_lib.nn.products import sum_of_rows, times_transpose

SIZES = {
    "one": (1, 1, 1),
    "few entries": (16, 64, 64),
    "more entries": (64, 64, 32),
    "many products": (101, 100, 100),
    "no rows": (0, 3, 2),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_product_is_that_of_the_definition(size, dtype):
    n, d_in, d_out = size
    rng = np.random.default_rng(0)
    dY, W = rng.integers(-9, 9, (n, d_out)), rng.integers(-9, 9, (d_in, d_out))  # so: exact
    product = times_transpose(dY.astype(dtype), W.astype(dtype))
    assert product.dtype == dtype
    np.testing.assert_array_equal(product, np.einsum("nk,dk->nd", dY, W))
    summed = sum_of_rows(dY.astype(dtype))
    assert summed.dtype == dtype
    np.testing.assert_array_equal(summed, dY.sum(axis=0))


def test_strided_arrays_are_multiplied_as_their_copies_and_stay_as_they_are():
    rng = np.random.default_rng(0)
    dY, W = rng.standard_normal((128, 64))[::2], rng.standard_normal((64, 128))[:, ::-2]
    before = dY.copy(), W.copy()
    np.testing.assert_allclose(times_transpose(dY, W), dY @ W.T, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(dY, before[0])
    np.testing.assert_array_equal(W, before[1])


class Watched(np.ndarray):
    """An array that remembers how often it, or a view of it, was copied."""

    copies = 0

    def copy(self, order="C"):
        Watched.copies += 1
        return super().copy(order)


@pytest.mark.parametrize("name", SIZES)
def test_only_products_between_the_bounds_cost_a_copy(name):
    n, d_in, d_out = SIZES[name]
    Watched.copies = 0
    times_transpose(np.ones((n, d_out)), np.ones((d_in, d_out)).view(Watched))
    assert Watched.copies == (name == "more entries")
