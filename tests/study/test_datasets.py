"""Data are what their docstrings say, by scikit-learn's word where it has one."""

import shutil
from importlib import resources

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from matnn_lib.study import datasets


@pytest.fixture(scope="module")
def digits():
    return datasets.digits()


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """The folder of the package's data, a copy of it that a test may spoil."""
    original = resources.files("matnn_lib.study").joinpath("data", "digits.npz")
    (tmp_path / "data").mkdir()
    shutil.copy(str(original), tmp_path / "data" / "digits.npz")
    monkeypatch.setattr(datasets.resources, "files", lambda package: tmp_path)
    return tmp_path / "data"


def linear_accuracy(data):
    model = LogisticRegression(max_iter=500, tol=1e-3).fit(data.X_train, data.y_train)
    return model.score(data.X_test, data.y_test)


def neighbours_accuracy(data):
    model = KNeighborsClassifier(3).fit(data.X_train, data.y_train)
    return model.score(data.X_test, data.y_test)


def test_digits_are_scikit_learns_split_standardised_by_one_mean_and_one_deviation(digits):
    pixels, labels = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        pixels, labels, test_size=360, stratify=labels, random_state=0
    )
    mean, deviation = X_train.mean(), X_train.std()
    np.testing.assert_allclose(digits.X_train, (X_train - mean) / deviation, rtol=0, atol=1e-13)
    np.testing.assert_allclose(digits.X_test, (X_test - mean) / deviation, rtol=0, atol=1e-13)
    assert np.array_equal(digits.y_train, y_train)
    assert np.array_equal(digits.y_test, y_test)
    assert digits.classes == 10


def test_logistic_regression_reads_the_digits_almost_as_well_as_anything(digits):
    assert 0.96 <= linear_accuracy(digits) <= 0.975


def test_each_call_returns_digits_of_its_own(digits):
    spoiled = datasets.digits()
    spoiled.X_train[:] = 0
    assert np.array_equal(datasets.digits().X_train, digits.X_train)
    assert digits.X_train.any()


def test_a_damaged_data_file_is_named_with_the_way_to_get_it_back(shipped):
    assert datasets.digits().classes == 10
    content = bytearray((shipped / "digits.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (shipped / "digits.npz").write_bytes(content)
    with pytest.raises(datasets.DataFileError, match=r"digits\.npz is damaged.*git checkout"):
        datasets.digits()


def test_a_missing_data_file_is_named_with_the_way_to_get_it_back(shipped):
    (shipped / "digits.npz").unlink()
    with pytest.raises(datasets.DataFileError, match=r"digits\.npz can't be read.*git checkout"):
        datasets.digits()


def test_spirals_are_a_plane_that_neighbours_can_read_and_a_line_cannot():
    data = datasets.spirals(np.random.default_rng(0))
    assert data.X_train.shape == (1440, 64)
    assert data.X_test.shape == (360, 64)
    assert data.classes == 3
    everything = np.concatenate([data.X_train, data.X_test])
    assert np.sqrt(np.mean(everything**2)) == pytest.approx(1, abs=1e-12)
    assert np.linalg.matrix_rank(everything) == 2
    assert linear_accuracy(data) <= 0.5
    assert neighbours_accuracy(data) >= 0.97


@pytest.mark.parametrize(("arms", "turns", "dimension"), [(2, 0.5, 2), (5, 1.0, 7)])
def test_spirals_have_as_many_arms_of_equal_length_as_asked(arms, turns, dimension):
    data = datasets.spirals(
        np.random.default_rng(1), arms=arms, turns=turns, dimension=dimension, noise=0.0
    )
    labels = np.concatenate([data.y_train, data.y_test])
    assert set(np.bincount(labels)) == {1800 // arms}
    X = np.concatenate([data.X_train, data.X_test])
    # Without noise the radii of every arm are the same: 0.1 to 1, with even squares.
    radii = [np.sort((X[labels == arm] ** 2).sum(axis=1)) for arm in range(arms)]
    np.testing.assert_allclose(radii, np.tile(radii[0], (arms, 1)), rtol=1e-9)
    np.testing.assert_allclose(np.diff(radii[0], 2), 0, atol=1e-9)
    assert radii[0][-1] / radii[0][0] == pytest.approx(100)


def test_an_arm_of_a_spiral_winds_as_often_as_asked():
    data = datasets.spirals(np.random.default_rng(2), turns=2.0, noise=0.0, dimension=2)
    arm = np.concatenate([data.X_train, data.X_test])[
        np.concatenate([data.y_train, data.y_test]) == 0
    ]
    arm = arm[np.argsort((arm**2).sum(axis=1))]
    angle = np.unwrap(np.arctan2(arm[:, 1], arm[:, 0]))
    assert abs(angle[-1] - angle[0]) == pytest.approx(2 * np.pi * 2.0 * 0.9, rel=1e-9)


def test_a_linear_model_learns_the_teacher_in_part_and_one_hidden_layer_almost_wholly():
    data = datasets.teacher(np.random.default_rng(0), examples=2000, dimension=3)
    one_hidden_layer = MLPClassifier(24, "tanh", solver="lbfgs", max_iter=500, random_state=0)
    one_hidden_layer.fit(data.X_train, data.y_train)
    assert 0.4 <= linear_accuracy(data) <= 0.85
    assert one_hidden_layer.score(data.X_test, data.y_test) >= 0.95


@pytest.mark.parametrize("make", [datasets.spirals, datasets.teacher])
def test_a_generator_decides_the_data_and_a_fifth_is_kept_for_testing(make):
    data, same, other = (make(np.random.default_rng(seed), examples=120) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(data, same, strict=True))
    assert not np.array_equal(data.X_train, other.X_train)
    assert (len(data.X_train), len(data.X_test)) == (96, 24)
    rows = np.concatenate([data.X_train, data.X_test])
    assert len(np.unique(rows, axis=0)) == 120


def test_classes_are_counted_in_the_test_set_too():
    X = np.zeros((2, 1))
    assert datasets.Dataset(X, np.array([0, 1]), X, np.array([0, 2])).classes == 3


@pytest.mark.parametrize(
    ("make", "options", "error", "message"),
    [
        (datasets.spirals, {"arms": 1}, ValueError, "arms must be at least 2, but it is 1"),
        (datasets.spirals, {"arms": 2.0}, TypeError, "arms must be an integer"),
        (datasets.spirals, {"examples": 29}, ValueError, "examples must be at least 30"),
        (datasets.spirals, {"arms": 10**19}, ValueError, "arms must be at most 100000000"),
        (datasets.spirals, {"examples": 10**19}, ValueError, "examples must be at most"),
        (datasets.spirals, {"dimension": 10**19}, ValueError, "dimension must be at most"),
        (datasets.teacher, {"classes": 10**19}, ValueError, "classes must be at most"),
        (datasets.teacher, {"examples": 10**30}, ValueError, "examples must be at most"),
        (datasets.teacher, {"dimension": 10**30}, ValueError, "dimension must be at most"),
        (datasets.spirals, {"dimension": 1}, ValueError, "dimension must be at least 2"),
        (datasets.spirals, {"turns": 0}, ValueError, "turns must be greater than 0"),
        (datasets.spirals, {"noise": -0.1}, ValueError, "noise must be at least 0"),
        (datasets.spirals, {"noise": float("nan")}, ValueError, "noise must be finite"),
        (datasets.teacher, {"classes": 1}, ValueError, "classes must be at least 2"),
        (datasets.teacher, {"dimension": 1}, ValueError, "dimension must be at least 2"),
        (datasets.teacher, {"examples": 39}, ValueError, "examples must be at least 40"),
    ],
)
def test_bad_numbers_are_refused_by_name(make, options, error, message):
    with pytest.raises(error, match=message):
        make(np.random.default_rng(0), **options)


@pytest.mark.parametrize("make", [datasets.spirals, datasets.teacher])
def test_a_seed_is_no_generator(make):
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        make(0)
