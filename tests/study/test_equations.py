"""A drawn equation shows each matrix at its own shape, in reading order, and nothing else."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from matnn_lib.study.equations import equation


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def boxes(ax):
    """Return (left, right, height) of each picture, from left to right."""
    extents = [image.get_extent() for image in ax.images]
    return [(left, right, bottom - top) for left, right, bottom, top in extents]


def test_each_matrix_is_as_wide_as_its_columns_and_as_high_as_its_rows(ax):
    A, B = np.ones((3, 2)), np.ones((2, 5))
    equation(ax, A, "@", B, "=", A @ B)
    shapes = [(round(height), round(right - left)) for left, right, height in boxes(ax)]
    assert shapes == [(3, 2), (2, 5), (3, 5)]


def test_matrices_stand_in_reading_order_without_overlap_and_inside_the_axes(ax):
    equation(ax, np.ones((1, 4)), "+", np.ones((6, 1)), np.ones((2, 2)))
    drawn = boxes(ax)
    for (_, right, _), (left, _, _) in itertools.pairwise(drawn):
        assert right < left
    low, high = ax.get_xlim()
    assert low <= drawn[0][0]
    assert drawn[-1][1] <= high


def test_entries_are_written_into_their_cells_and_missing_ones_are_left_blank(ax):
    equation(ax, np.array([[1.5, np.nan], [-2, 0]]), numbers=True)
    written = {t.get_text(): t.get_position() for t in ax.texts}
    assert written == {"1.5": (0.5, -0.5), "-2": (0.5, 0.5), "0": (1.5, 0.5)}


def test_the_colour_scale_is_symmetric_so_that_white_is_zero(ax):
    equation(ax, np.array([[-3.0, 1.0]]), np.full((1, 1), np.nan), np.zeros((1, 1)))
    assert [image.get_clim() for image in ax.images] == [(-3, 3), (-1, 1), (-1, 1)]


def test_names_stand_below_with_the_shape(ax):
    equation(ax, np.ones((2, 3)), names=("X",))
    assert [t.get_text() for t in ax.texts] == ["X\n2 × 3"]
    with pytest.raises(ValueError, match="names must hold one for each of the 1 matrices"):
        equation(ax, np.ones((2, 3)), names=("X", "Y"))


def test_an_equation_without_a_matrix_is_refused(ax):
    with pytest.raises(ValueError, match="parts must hold at least one matrix"):
        equation(ax, "=")


def test_signs_have_room_beside_tall_matrices_as_beside_wide_ones(ax):
    for shapes in ((12, 2), (2, 12)):
        ax.clear()
        equation(ax, np.ones(shapes), "=", np.ones(shapes))
        (_, right, _), (left, _, _) = boxes(ax)
        assert left - right >= 0.12 * max(shapes)
