from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib import nn

trees = st.recursive(
    st.integers(0, 9).map(float), lambda inner: st.lists(inner, max_size=4).map(tuple)
)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(trees)
def test_map_of_the_identity_is_the_tree_itself_and_leaves_come_in_reading_order(tree):
    assert nn.tree_map(lambda x: x, tree) == tree
    written = [
        float(c) for c in repr(tree).replace("(", ",").replace(")", ",").split(",") if c.strip()
    ]
    assert nn.tree_leaves(tree) == written


@settings(max_examples=50, deadline=None, derandomize=True)
@given(trees)
def test_map_composes(tree):
    once = nn.tree_map(lambda x: 2 * x, nn.tree_map(lambda x: x + 1, tree))
    assert once == nn.tree_map(lambda x: 2 * (x + 1), tree)
    assert nn.tree_leaves(nn.tree_map(lambda x, y: x - y, once, once)) == [0] * len(
        nn.tree_leaves(tree)
    )


@pytest.mark.parametrize(
    "other",
    [(np.zeros(2),), ((np.zeros(2), ()), ()), np.zeros(2), (np.zeros(3), ()), ((), ())],
)
def test_trees_of_different_form_are_refused(other):
    for pair in [((np.zeros(2), ()), other), (other, (np.zeros(2), ()))]:
        with pytest.raises(ValueError, match="same form"):
            nn.tree_map(np.add, *pair)


@pytest.mark.parametrize("number", [1.0, np.array(1.0)])
def test_a_number_stands_for_an_array_without_axes_but_not_for_a_tuple(number):
    assert nn.tree_map(np.add, (number,), (np.array(2.0),)) == (3.0,)
    for pair in [((number,), ((2.0,),)), (((2.0,),), (number,)), (number, ()), ((), number)]:
        with pytest.raises(ValueError, match="same form"):
            nn.tree_map(np.add, *pair)
