"""What comes from a worker is taken apart without trust, and without allocating more than came."""

from __future__ import annotations

import contextlib
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from matnn_lib.grading.worker.frames import FrameError, decode, encode

ARRAYS = hnp.arrays(
    st.sampled_from([np.dtype(c) for c in ("?", "<i8", "<f4", "<f8", "<c16")]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
VALUES = st.recursive(
    ARRAYS | st.text(max_size=9) | st.none(),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)


def depth(value: Any) -> int:
    return 1 + max(map(depth, value), default=0) if isinstance(value, tuple) else 0


def same(first: Any, second: Any) -> bool:
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and first.tobytes() == second.tobytes()
    return bool(first == second)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(VALUES)
def test_what_was_encoded_is_decoded_to_the_byte(value: Any) -> None:
    if depth(value) > 4:
        with pytest.raises(FrameError):
            encode(value)
        return
    assert same(value, decode(encode(value)))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(VALUES.filter(lambda v: depth(v) <= 4), st.data())
def test_a_damaged_frame_is_refused_or_another_value_but_nothing_worse(
    value: Any, data: st.DataObject
) -> None:
    content = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FrameError):
        decode(bytes(content))
    for end in range(len(content)):
        with contextlib.suppress(FrameError):
            decode(bytes(content[:end]))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_random_bytes_are_refused_or_a_value(content: bytes) -> None:
    with contextlib.suppress(FrameError):
        decode(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"?",
        b"0left over",
        b"ad\x01" + struct.pack("<Q", 2**62),
        b"ad\x08" + struct.pack("<8Q", *[2**63] * 8),
        b"ad\x02" + struct.pack("<2Q", 0, 2**63),
        b"ad\x02" + struct.pack("<2Q", 2**63, 0),
        b"ad\x09" + bytes(72),
        b"aO\x00" + bytes(8),
        b"ab\x01" + struct.pack("<Q", 2) + b"\x01\x02",
        b"s" + struct.pack("<Q", 2**63) + b"abc",
        b"s" + struct.pack("<Q", 2) + b"\xff\xfe",
        b"t\xff",
        b"t\x01" * 100 + b"0",
    ],
)
def test_a_forged_frame_is_refused_before_anything_is_allocated(content: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(FrameError):
        decode(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("value", [3, [1], {}, np.array([None]), np.array(["a"]), (1, 2)])
def test_only_arrays_words_and_tuples_leave_a_worker(value: Any) -> None:
    with pytest.raises(FrameError):
        encode(value)


def test_other_number_types_become_one_of_the_five() -> None:
    decoded = decode(encode(np.array([1, 2], np.uint8)))
    assert isinstance(decoded, np.ndarray)
    assert decoded.dtype == np.int64
    half = decode(encode(np.array(0.5, np.float16)))
    assert isinstance(half, np.ndarray)
    assert half == 0.5
