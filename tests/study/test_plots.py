"""Pictures show what they are given, in looks that differ without colour, and in words."""

import itertools
import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import select_figure_formats
from IPython.utils.capture import capture_output
from matplotlib.colors import to_rgb

from matnn_lib.study import plots

mpl.use("Agg")


@pytest.fixture
def ax():
    figure, axes = plots.panels()
    yield axes
    plt.close(figure)


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A shell that shows figures as pictures, as a notebook's does."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell.instance()
    select_figure_formats(shell, {"png"})
    yield shell
    InteractiveShell.clear_instance()


def line(ax):
    (only,) = ax.get_lines()
    return only


def band(ax):
    """The lowest and highest y of the shaded range."""
    (only,) = ax.collections
    if not only.get_paths():
        return None
    y = np.concatenate([path.vertices[:, 1] for path in only.get_paths()])
    return y.min(), y.max()


@pytest.mark.parametrize("draw", [plots.signal_by_layer, plots.spectrum])
def test_a_logarithmic_line_is_the_median_over_seeds_with_their_range(draw, ax):
    values = np.array([[1.0, 10, 100], [2.0, 20, 200], [9.0, 90, 900]])
    assert draw(ax, values, "dead, 3 seeds") is ax
    assert ax.get_yscale() == "log"
    assert np.array_equal(line(ax).get_xdata(), [1, 2, 3])
    assert np.array_equal(line(ax).get_ydata(), [2, 20, 200])
    assert band(ax) == (1, 900)
    assert line(ax).get_label() == "dead, 3 seeds"


def test_a_single_seed_has_no_range(ax):
    plots.training_curves(ax, [0.1, 0.5, 0.9], "Muon")
    assert ax.get_yscale() == "linear"
    assert np.array_equal(line(ax).get_xydata(), [[0, 0.1], [1, 0.5], [2, 0.9]])
    assert not ax.collections


def test_curves_may_have_positions_of_their_own(ax):
    assert plots.training_curves(ax, [[1, 2], [3, 4]], "x", x=[10, 20]) is ax
    assert np.array_equal(line(ax).get_xydata(), [[10, 2], [20, 3]])


def test_what_has_no_logarithm_leaves_a_gap_and_still_counts_in_the_median(ax):
    values = [[1.0, 0.0, 4.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0, 3.0, 8.0, 0.0]]
    plots.signal_by_layer(ax, values, "dead")
    # Layer 2: two of three seeds are at zero, and so is their median: nothing to draw.
    np.testing.assert_array_equal(line(ax).get_ydata(), [1.0, math.nan, 4.0, math.nan])


def test_what_is_zero_everywhere_is_an_empty_picture_and_no_error(ax):
    plots.signal_by_layer(ax, np.zeros((3, 4)), "dead")
    assert np.isnan(line(ax).get_ydata()).all()
    assert band(ax) is None
    ax.figure.canvas.draw()


def test_seeds_that_diverged_leave_the_median_to_the_others(ax):
    values = [[0.1, 0.2, math.nan], [0.3, math.nan, math.nan], [0.2, 0.6, math.nan]]
    plots.training_curves(ax, values, "mild")
    np.testing.assert_allclose(line(ax).get_xydata(), [[0, 0.2], [1, 0.4]])
    assert band(ax) == (0.1, 0.6)


def test_a_curve_that_is_nan_everywhere_is_an_empty_picture_and_no_error(ax):
    plots.training_curves(ax, np.full((2, 3), math.nan), "mild")
    assert len(line(ax).get_xdata()) == 0
    ax.figure.canvas.draw()


def test_infinite_values_leave_a_gap(ax):
    plots.spectrum(ax, [math.inf, 1.0, 0.5], "x")
    assert np.isnan(line(ax).get_ydata()[0])


def test_the_values_that_are_given_stay_as_they_are(ax):
    values = np.array([[1.0, 0.0], [2.0, math.nan]])
    before = values.copy()
    plots.signal_by_layer(ax, values, "dead")
    plots.training_curves(ax, values, "dead")
    assert np.array_equal(values, before, equal_nan=True)


def test_a_baseline_is_a_level_with_its_name(ax):
    assert plots.baseline(ax, 0.95, "linear classifier") is ax
    assert set(line(ax).get_ydata()) == {0.95}
    assert [text.get_text() for text in ax.texts] == ["linear classifier"]
    dashes = {
        name: plots.baseline(plots.panels()[1], 0.5, name).get_lines()[0]._dash_pattern
        for name in ("linear", "frozen", "chance")
    }
    plt.close("all")
    assert len(set(map(str, dashes.values()))) == 3


def test_a_matrix_is_drawn_about_a_white_zero(ax):
    A = np.array([[1.0, -2.0], [0.0, 4.0]])
    assert plots.matrix(ax, A, "W", numbers=True) is ax
    (picture,) = ax.images
    assert (picture.norm.vmin, picture.norm.vmax) == (-4, 4)
    assert np.array_equal(picture.get_array(), A)
    white = picture.cmap(picture.norm(0.0))
    np.testing.assert_allclose(white[:3], 1, atol=0.05)
    assert [text.get_text() for text in ax.texts] == ["1", "-2", "0", "4"]
    assert ax.get_title() == "W"


def test_numbers_in_a_matrix_stand_out_from_their_cells(ax):
    plots.matrix(ax, [[1.0, -1.0, 0.5, 0.0]], numbers=True)
    (picture,) = ax.images
    for text, value in zip(ax.texts, [1.0, -1.0, 0.5, 0.0], strict=True):
        cell = brightness(picture.cmap(picture.norm(value))[:3])
        assert abs(cell - brightness(to_rgb(text.get_color()))) > 0.35


def test_a_matrix_of_zeros_is_white(ax):
    plots.matrix(ax, np.zeros((2, 3)))
    assert ax.images[0].norm.vmax > 0


def test_pictures_have_an_axis_and_a_title_each():
    figure, axes = plots.panels(2)
    pictures = np.arange(8.0).reshape(2, 2, 2)
    assert plots.images(axes, pictures, ["3", "4"]) is axes
    assert [ax.get_title() for ax in axes] == ["3", "4"]
    assert np.array_equal(axes[1].images[0].get_array(), pictures[1])
    plt.close(figure)


@pytest.mark.parametrize(("columns", "rows", "shape"), [(1, 1, ()), (3, 1, (3,)), (2, 2, (2, 2))])
def test_panels_have_the_size_that_is_asked_for(columns, rows, shape):
    figure, axes = plots.panels(columns, rows, height=2, width=3)
    assert np.shape(axes) == shape
    np.testing.assert_allclose(figure.get_size_inches(), [3 * columns, 2 * rows])
    plt.close(figure)


def brightness(rgb):
    return np.dot([0.299, 0.587, 0.114], rgb)


def looks():
    named = [plots.style(name) for name in plots.STYLES]
    return named + [plots.style("another", number) for number in range(7)]


def test_every_two_looks_differ_without_colour():
    for a, b in itertools.combinations(looks(), 2):
        assert (a["linestyle"], a["marker"]) != (b["linestyle"], b["marker"])


def test_things_that_are_compared_differ_in_both_line_and_marker():
    starts = [look for look in (plots.style(n) for n in plots.STYLES) if look["marker"]]
    assert len(starts) == 6
    for group in (starts, [plots.style("another", number) for number in range(7)]):
        for key in ("linestyle", "marker", "color"):
            assert len({str(look[key]) for look in group}) == len(group)


def test_no_numbered_line_looks_like_a_named_one():
    named = {look["marker"] for look in map(plots.style, plots.STYLES)}
    assert not named & {plots.style("another", number)["marker"] for number in range(7)}


def test_every_line_is_dark_enough_on_white():
    assert all(brightness(to_rgb(look["color"])) < 0.72 for look in looks())


def test_a_label_that_begins_with_a_name_has_its_look(ax):
    for label in ("dead", "Dead, 50 layers", "dead 50 layers", "dead: five seeds"):
        plots.training_curves(ax, [1, 2], label)
    plots.training_curves(ax, [1, 2], "deadly")
    *dead, other = ax.get_lines()
    assert {drawn.get_color() for drawn in dead} == {plots.STYLES["dead"]["color"]}
    assert {drawn.get_marker() for drawn in dead} == {"v"}
    assert other.get_marker() != "v"


def test_a_look_is_a_copy():
    plots.style("dead")["color"] = "black"
    assert plots.style("dead")["color"] != "black"


def shown(figure, alt):
    with capture_output() as captured:
        plots.show(figure, alt)
    return captured.outputs


def test_a_figure_is_shown_with_its_words_in_the_picture_and_below_it(notebook):
    figure, ax = plots.panels()
    plots.training_curves(ax, [1, 2], "dead")
    picture, words = shown(figure, "One line\n  rises.")
    assert "image/png" in picture.data
    assert picture.metadata["image/png"]["alt"] == "One line rises."
    assert words.data["text/markdown"] == "*In words: One line rises.*"
    assert not plt.fignum_exists(figure.number)


def test_signs_that_markdown_would_swallow_are_kept_in_the_words(notebook):
    figure, _ = plots.panels()
    picture, words = shown(figure, "|h_1| < 2*3, $5 and `x`")
    assert picture.metadata["image/png"]["alt"] == "|h_1| < 2*3, $5 and `x`"
    assert words.data["text/markdown"] == r"*In words: |h\_1| \< 2\*3, \$5 and \`x\`*"


def test_a_figure_is_closed_even_if_it_can_not_be_shown(monkeypatch):
    def fail(*args, **options):
        raise RuntimeError("no display")

    figure, _ = plots.panels()
    monkeypatch.setattr(plots, "display", fail)
    with pytest.raises(RuntimeError, match="no display"):
        plots.show(figure, "A line.")
    assert not plt.fignum_exists(figure.number)


@pytest.mark.parametrize("alt", ["", " \n", None, 3])
def test_a_figure_without_words_is_refused(alt):
    figure, _ = plots.panels()
    with pytest.raises(ValueError, match="alt must say in words what the figure shows"):
        plots.show(figure, alt)
    plt.close(figure)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda ax: plots.show(ax, "words"), TypeError, "figure must be a Matplotlib Figure"),
        (lambda ax: plots.signal_by_layer(ax, [-1.0, 1], "x"), ValueError, "must not be negative"),
        (lambda ax: plots.spectrum(ax, [1.0, -2], "x"), ValueError, "negative.*one is -2"),
        (lambda ax: plots.spectrum(ax, [], "x"), ValueError, "values must not be empty"),
        (lambda ax: plots.spectrum(ax, np.ones((2, 2, 2)), "x"), ValueError, r"it is \(2, 2, 2\)"),
        (lambda ax: plots.spectrum(ax, ["a"], "x"), TypeError, "values must hold numbers"),
        (lambda ax: plots.spectrum(ax, [1.0], 3), TypeError, "label must be a string"),
        (lambda ax: plots.spectrum(ax, [1.0], "x", -1), ValueError, "number must be at least 0"),
        (
            lambda ax: plots.training_curves(ax, [1.0, 2], "x", x=[1]),
            ValueError,
            "x must hold one entry for each of the 2 points, but it holds 1",
        ),
        (lambda ax: plots.baseline(ax, math.nan, "x"), ValueError, "value must be finite"),
        (lambda ax: plots.baseline(ax, 1.0, None), TypeError, "label must be a string"),
        (lambda ax: plots.matrix(ax, [1.0, 2]), ValueError, r"A must be a matrix \(2-D\)"),
        (lambda ax: plots.matrix(ax, [[math.inf]]), ValueError, "A must be finite"),
        (lambda ax: plots.images([ax], np.ones((2, 3, 3)), ["a"]), ValueError, "equally many"),
        (lambda ax: plots.images([ax], np.ones((3, 3)), ["a"]), ValueError, "pictures must be 3-D"),
        (lambda ax: plots.panels(0), ValueError, "columns must be at least 1"),
        (lambda ax: plots.panels(1, 1, width=0), ValueError, "width must be greater than 0"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, error, message, ax):
    with pytest.raises(error, match=message):
        call(ax)


def test_a_baseline_may_go_without_a_name(ax):
    plots.baseline(ax, 0.1, "")
    assert set(line(ax).get_ydata()) == {0.1}
