"""The form in which things pass between grader and worker: frames of known length.

A frame is eight bytes of length, one byte that says what it is, and its content. Towards the
worker the content may be anything, as the worker need not doubt the grader. From the worker it is
taken apart by `decode` alone, which allocates nothing larger than the frame itself and builds
nothing but arrays of five kinds of numbers, strings, and tuples of these.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

LENGTH = struct.Struct("<Q")
# From the worker: an answer, what was raised instead, why what was given is none; and before that:
# this is no notebook, what its code is like, a cell begins, a cell failed, all have been run.
ANSWER, RAISED, NO_ANSWER = b"A", b"X", b"O"
NO_NOTEBOOK, FACTS, CELL, TROUBLE, READY = b"N", b"F", b"C", b"T", b"D"
# To the worker: what it needs to begin, a function to call, a variable to hand over.
BEGIN, CALL, FETCH = b"B", b"Q", b"V"

_DTYPES = {
    b"b": np.dtype("?"),
    b"i": np.dtype("<i8"),
    b"f": np.dtype("<f4"),
    b"d": np.dtype("<f8"),
    b"z": np.dtype("<c16"),
}
_NOTHING, _ARRAY, _STRING, _TUPLE = b"0", b"a", b"s", b"t"
_MOST_DIMENSIONS = 8
_DEEPEST = 4
_MOST_PARTS = 1000  # values in a whole answer, however nested; no exercise asks for a hundred
_LARGEST = 1 << 24  # bytes that an empty array would have if none of its sides were 0

Value = NDArray[Any] | str | tuple[Any, ...] | None


class FrameError(ValueError):
    """What arrived is not in the agreed form."""


def frame(kind: bytes, content: bytes) -> bytes:
    """Return `content` as a frame."""
    return LENGTH.pack(1 + len(content)) + kind + content


def encode(value: Value) -> bytes:
    """Return the bytes of an array, a string, None, or a tuple of these.

    Raises
    ------
    FrameError
        It is none of these, or nested too deeply.
    """
    return _encode(value, 0, count())


def _encode(value: Value, depth: int, counted: Iterator[int]) -> bytes:
    _check_number(next(counted))
    if value is None:
        return _NOTHING
    if isinstance(value, str):
        text = value.encode("utf-8", "replace")
        return _STRING + LENGTH.pack(len(text)) + text
    if isinstance(value, tuple):
        if len(value) > 255 or depth == _DEEPEST:
            raise FrameError("it is a tuple of too many parts, or of parts in parts in parts")
        parts = b"".join(_encode(part, depth + 1, counted) for part in value)
        return _TUPLE + bytes([len(value)]) + parts
    if not isinstance(value, np.ndarray) or value.ndim > _MOST_DIMENSIONS:
        raise FrameError("it is neither number, array, word nor a tuple of these")
    code = _code(value.dtype)
    shape = struct.pack(f"<{value.ndim}Q", *value.shape)
    data = np.ascontiguousarray(value, dtype=_DTYPES[code]).tobytes()
    return _ARRAY + code + bytes([value.ndim]) + shape + data


def _check_number(before: int) -> None:
    if before >= _MOST_PARTS:
        raise FrameError(f"it has more than {_MOST_PARTS} parts")


def _code(dtype: np.dtype[Any]) -> bytes:
    if dtype == np.float32:
        return b"f"
    kinds = {"b": b"b", "i": b"i", "u": b"i", "f": b"d", "c": b"z"}
    if dtype.kind not in kinds:
        raise FrameError(f"its entries are not numbers ({dtype})")
    return kinds[dtype.kind]


def decode(content: bytes) -> Value:
    """Return what `encode` was given; arrays are read-only views of `content`.

    Raises
    ------
    FrameError
        Any byte is missing, left over or not as agreed.

    Examples
    --------
    >>> decode(encode((np.array(2.0), "b", None)))
    (array(2.), 'b', None)
    """
    value, end = _decode(content, 0, 0, count())
    if end != len(content):
        raise FrameError("bytes are left over")
    return value


def _decode(content: bytes, start: int, depth: int, counted: Iterator[int]) -> tuple[Value, int]:
    _check_number(next(counted))
    tag, start = _take(content, start, 1)
    if tag == _NOTHING:
        return None, start
    if tag == _STRING:
        size, start = _take(content, start, LENGTH.size)
        text, start = _take(content, start, LENGTH.unpack(size)[0])
        try:
            return text.decode("utf-8"), start
        except UnicodeDecodeError:
            raise FrameError("a word is not UTF-8") from None
    if tag == _TUPLE:
        size, start = _take(content, start, 1)
        if depth == _DEEPEST:
            raise FrameError("parts are nested too deeply")
        parts = []
        for _ in range(size[0]):
            part, start = _decode(content, start, depth + 1, counted)
            parts.append(part)
        return tuple(parts), start
    if tag == _ARRAY:
        return _decode_array(content, start)
    raise FrameError("an unknown kind of value")


def _decode_array(content: bytes, start: int) -> tuple[Value, int]:
    head, start = _take(content, start, 2)
    dtype, dimensions = _DTYPES.get(head[:1]), head[1]
    if dtype is None or dimensions > _MOST_DIMENSIONS:
        raise FrameError("an unknown kind of array")
    packed, start = _take(content, start, 8 * dimensions)
    shape = struct.unpack(f"<{dimensions}Q", packed)
    # A plain integer: no product of sizes overflows, and none is allocated before it is checked.
    data, start = _take(content, start, math.prod(shape) * dtype.itemsize)
    if dtype.kind == "b" and not set(data) <= {0, 1}:
        raise FrameError("a truth value is neither 0 nor 1")
    if 0 in shape:
        if math.prod(max(side, 1) for side in shape) * dtype.itemsize > _LARGEST:
            raise FrameError("an empty array of impossible shape")
        return np.zeros(shape, dtype), start
    return np.frombuffer(data, dtype).reshape(shape), start


def _take(content: bytes, start: int, size: int) -> tuple[bytes, int]:
    if size > len(content) - start:
        raise FrameError("it ends too early")
    return content[start : start + size], start + size
