"""Each check of an argument: what it lets through, and the sentence it says otherwise."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from matnn_lib._validation import (
    as_array,
    as_chain,
    as_generator,
    as_integer,
    as_matrix,
    as_number,
    as_symmetric,
)


def endless():
    while True:
        yield np.eye(2)


class TestArray:
    def test_float32_is_kept_and_the_rest_becomes_float64(self):
        for dtype in (bool, np.int8, np.uint64, np.float16, np.float64, np.longdouble):
            assert as_array("x", np.ones(2, dtype)).dtype == np.float64
        assert as_array("x", np.ones(2, np.float32)).dtype == np.float32
        assert as_array("x", [[1, 2], [3, 4]]).tolist() == [[1.0, 2.0], [3.0, 4.0]]

    def test_a_float_array_is_not_copied(self):
        x = np.ones(3)
        assert as_array("x", x) is x

    @pytest.mark.parametrize(
        ("value", "error", "sentence"),
        [
            ([[1, 2], [3]], ValueError, "must be a rectangular array, but its rows differ in"),
            ([1j, 2], TypeError, r"must be real, but its entries are complex \(complex128\)"),
            ("abc", TypeError, "must hold numbers, but it is 'abc'"),
            (None, TypeError, "must hold numbers, but it is None"),
            pytest.param(10**5000, ValueError, "must hold numbers within ±1.8e308", id="huge"),
            (["a", "b"], TypeError, "must hold numbers, but it is an array of <U1"),
            ([1, None], TypeError, "must hold numbers, but it is an array of object"),
            ({"a": 1}, TypeError, "must hold numbers, but it is of type dict"),
            (np.array(["2026-01-01"], "M8[D]"), TypeError, "must hold numbers"),
            ([10**400], ValueError, "must hold numbers within ±1.8e308, but one of its integers"),
            ([], ValueError, r"must not be empty, but its shape is \(0,\)"),
            (np.ones((0, 3)), ValueError, r"must not be empty, but its shape is \(0, 3\)"),
            ([1.0, np.nan], ValueError, r"must be finite, but the entry at \(1,\) is nan"),
            ([[1, -np.inf]], ValueError, r"must be finite, but the entry at \(0, 1\) is -inf"),
            (np.inf, ValueError, "must be finite, but it is inf"),
            (np.array([np.longdouble("1e4000")]), ValueError, r"must be finite, .* is inf"),
        ],
    )
    def test_what_is_no_real_finite_array_is_named(self, value, error, sentence):
        with pytest.raises(error, match=f"^x {sentence}"):
            as_array("x", value)

    def test_integers_too_large_for_numpys_own_are_converted_as_well(self):
        assert as_array("x", [[10**30, 1], [2**64, -1]]).tolist() == [[1e30, 1], [2.0**64, -1]]

    def test_the_order_of_an_arrays_bytes_changes_nothing(self):
        for dtype in (">f4", "<f4", ">f8", "<f8"):
            assert as_array("x", np.ones(2, dtype)).dtype == np.dtype(dtype).newbyteorder("=")

    def test_infinite_entries_pass_where_they_are_asked_for(self):
        assert np.isinf(as_array("x", [1.0, np.inf], finite=False)[1])

    @pytest.mark.parametrize(
        ("ndim", "kind"), [(0, "a number"), (1, r"a vector \(1-D\)"), (3, "3-D")]
    )
    def test_another_dimension_is_named(self, ndim, kind):
        with pytest.raises(ValueError, match=rf"^x must be {kind}, but its shape is \(2, 2\)$"):
            as_array("x", np.eye(2), ndim=ndim)


class TestMatrix:
    def test_a_vector_is_no_matrix(self):
        with pytest.raises(ValueError, match=r"^A must be a matrix \(2-D\), but its shape is \(3,"):
            as_matrix("A", [1, 2, 3])

    def test_a_rectangle_is_not_square(self):
        assert as_matrix("A", np.ones((2, 3))).shape == (2, 3)
        with pytest.raises(ValueError, match=r"^A must be square, but its shape is \(2, 3\)$"):
            as_matrix("A", np.ones((2, 3)), square=True)


class TestSymmetric:
    def test_rounding_errors_are_no_asymmetry(self):
        S = np.array([[1.0, 0.1 + 0.2], [0.3, 1.0]])
        assert as_symmetric("S", S) is S

    def test_the_scale_decides_what_a_rounding_error_is(self):
        S = 1e-200 * np.array([[1.0, 0.5], [0.4, 1.0]])
        with pytest.raises(ValueError, match=r"^S must be symmetric, .* by up to 1e-201$"):
            as_symmetric("S", S)
        assert as_symmetric("S", np.array([[1e200, 1.0], [0.0, 1e200]])).shape == (2, 2)

    def test_a_rectangle_is_not_symmetric(self):
        with pytest.raises(ValueError, match=r"^S must be square"):
            as_symmetric("S", np.ones((2, 3)))


class TestChain:
    def test_lists_and_stacks_of_matrices_are_chains(self):
        assert [F.shape for F in as_chain("factors", [np.ones((2, 3)), [[1], [2], [3]]])] == [
            (2, 3),
            (3, 1),
        ]
        assert len(as_chain("factors", np.ones((4, 2, 2)))) == 4

    @pytest.mark.parametrize(
        ("factors", "error", "sentence"),
        [
            ([], ValueError, "factors must hold at least one matrix, but it is empty"),
            (None, TypeError, "factors must be a sequence of matrices, but it is None"),
            (3.0, TypeError, "factors must be a sequence of matrices, but it is 3.0"),
            (np.array(3.0), TypeError, "factors must be a sequence of matrices, but it is of type"),
            (endless(), TypeError, "factors must be a sequence of matrices, but it is of type gen"),
            ("ab", TypeError, r"factors\[0\] must hold numbers, but it is 'a'"),
            (np.eye(3), ValueError, r"factors\[0\] must be a matrix"),
            ([np.eye(2), [1.0, 2.0]], ValueError, r"factors\[1\] must be a matrix"),
            (
                [np.eye(2), np.ones((2, 3)), np.ones((2, 2))],
                ValueError,
                r"factors\[1\] of shape \(2, 3\) and factors\[2\] of shape \(2, 2\) can't be "
                "multiplied: 3 columns against 2 rows",
            ),
        ],
    )
    def test_what_is_no_chain_is_named(self, factors, error, sentence):
        with pytest.raises(error, match=f"^{sentence}"):
            as_chain("factors", factors)


class TestInteger:
    def test_whole_numbers_of_every_kind_become_int(self):
        for value in (3, np.int8(3), np.uint64(3), np.array(3)):
            number = as_integer("k", value)
            assert number == 3
            assert type(number) is int
        assert as_integer("k", 10**400) == 10**400

    @pytest.mark.parametrize(
        ("value", "sentence"),
        [
            (True, "k must be an integer, but it is True"),
            (2.0, "k must be an integer, but it is 2.0"),
            ("2", "k must be an integer, but it is '2'"),
            (None, "k must be an integer, but it is None"),
            ([1, 2], "k must be an integer, but it is of type list"),
            (1j, "k must be an integer, but it is 1j"),
        ],
    )
    def test_what_is_no_integer_is_named(self, value, sentence):
        with pytest.raises(TypeError, match=f"^{sentence}$"):
            as_integer("k", value)

    def test_an_integer_too_long_to_print_is_named_by_its_size(self):
        with pytest.raises(ValueError, match=r"^k must be at most 3, but it is about 2\*\*16610$"):
            as_integer("k", 10**5000, maximum=3)
        with pytest.raises(
            ValueError, match=r"^k must be at least 1, but it is about -2\*\*16610$"
        ):
            as_integer("k", -(10**5000), minimum=1)

    def test_bounds_are_included(self):
        assert as_integer("k", 1, minimum=1, maximum=1) == 1
        with pytest.raises(ValueError, match=r"^k must be at least 1, but it is 0$"):
            as_integer("k", 0, minimum=1)
        with pytest.raises(ValueError, match=r"^k must be at most 3, but it is 4$"):
            as_integer("k", 4, maximum=3)


class TestNumber:
    def test_real_numbers_of_every_kind_become_float(self):
        values = (1.5, np.float32(1.5), np.array(1.5), Fraction(3, 2), Decimal("1.5"))
        for value in values:
            number = as_number("p", value)
            assert number == 1.5
            assert type(number) is float
        assert as_number("p", 10**30) == 1e30

    @pytest.mark.parametrize(
        "value",
        [
            True,
            np.True_,
            "1",
            b"1",
            1j,
            np.complex64(1),
            None,
            [1.0],
            [[1], [1, 2]],
            np.eye(2),
            {},
            len,
            np.datetime64("2026-01-01"),
            np.timedelta64(5),
        ],
    )
    def test_what_is_no_real_number_is_named(self, value):
        with pytest.raises(TypeError, match=r"^p must be a real number, but it is [^\n]+$"):
            as_number("p", value)

    def test_what_does_not_fit_or_is_not_finite_is_named(self):
        with pytest.raises(ValueError, match=r"^p must be within ±1\.8e308, but it is larger$"):
            as_number("p", 10**400)
        with pytest.raises(ValueError, match=r"^p must be finite, but it is nan$"):
            as_number("p", float("nan"))
        with pytest.raises(ValueError, match=r"^p must be finite, but it is -inf$"):
            as_number("p", -np.inf)

    def test_minimum_and_maximum_are_included_above_and_below_are_not(self):
        assert as_number("p", 0, minimum=0, maximum=0) == 0
        with pytest.raises(ValueError, match=r"^p must be at least 0, but it is -0\.5$"):
            as_number("p", -0.5, minimum=0)
        with pytest.raises(ValueError, match=r"^p must be greater than 0, but it is 0$"):
            as_number("p", 0, above=0)
        with pytest.raises(ValueError, match=r"^p must be at most 1, but it is 1\.5$"):
            as_number("p", 1.5, maximum=1)
        with pytest.raises(ValueError, match=r"^p must be less than 1, but it is 1$"):
            as_number("p", 1, below=1)


class TestGenerator:
    def test_a_generator_passes_unchanged(self):
        rng = np.random.default_rng(0)
        assert as_generator("rng", rng) is rng

    @pytest.mark.parametrize("value", [None, 0, np.random, np.random.RandomState(0)])
    def test_seeds_and_old_generators_are_refused(self, value):
        with pytest.raises(TypeError, match=r"^rng must be a numpy\.random\.Generator, such as"):
            as_generator("rng", value)
