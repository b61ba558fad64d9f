"""Who reads a docstring finds what goes in, what comes out, and what is refused."""

from __future__ import annotations

import inspect
import re

import pytest

from matnn_lib import linalg, nn
from matnn_lib.nn import diagnosis

PUBLIC = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in (linalg, nn, diagnosis)
    for name in module.__all__
}
FUNCTIONS = {name: each for name, each in PUBLIC.items() if inspect.isfunction(each)}
LAYERS = {
    name: each for name, each in PUBLIC.items() if inspect.isclass(each) and hasattr(each, "init")
}
SECTIONS = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")
# Any tree will do.
RAISES_NOTHING = {"matnn_lib.nn.tree_leaves"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_states_its_arguments_its_value_and_its_errors(name):
    stated = inspect.getdoc(FUNCTIONS[name])
    assert "\nReturns\n-------\n" in stated
    assert "\nRaises\n------\n" in stated or name in RAISES_NOTHING
    sections = re.findall(r"^(\w+)\n-+$", stated, re.MULTILINE)
    assert sections == [section for section in SECTIONS if section in sections]
    _, _, after = stated.partition("\nParameters\n----------\n")
    heads = re.findall(r"^(\S.*?)(?: : .*)?$", after.split("\n\n")[0], re.MULTILINE)
    named = {argument.strip("*") for head in heads for argument in head.split(", ")}
    assert set(inspect.signature(FUNCTIONS[name]).parameters) - named == set()


@pytest.mark.parametrize(
    "name", sorted(set(LAYERS) - {"matnn_lib.nn.Layer", "matnn_lib.nn.Update"})
)
def test_a_layer_states_its_arguments_and_its_errors(name):
    stated = inspect.getdoc(LAYERS[name])
    assert "\nRaises\n------\n" in stated
    if inspect.signature(LAYERS[name]).parameters:
        assert "\nParameters\n----------\n" in stated
