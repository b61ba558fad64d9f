"""Tables as CSV files: read whatever program saved them, written for all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matnn_lib.study.files import replacing

_LONGEST_CELL = 10_000_000
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Table:
    """The columns' names, and of each row the line it ends on and its cells by column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]


def read(path: Path) -> Table:
    """Return the table in a CSV file; its cells may be separated by commas, semicolons or tabs.

    Raises
    ------
    ValueError
        It isn't a table, or two of its columns have one name.
    """
    text = _text(path)
    first = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        columns = tuple(name.strip() for name in reader.fieldnames or ())
        reader.fieldnames = columns
        rows = tuple(_rows(reader, columns))
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}") from None
    twice = {name for name in columns if name and columns.count(name) > 1}
    if twice:
        raise ValueError(f"{path} has the column {min(twice)!r} twice")
    return Table(columns, rows)


def write(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table whole or not at all, row by row: that of a large class is large itself."""
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def _rows(
    reader: csv.DictReader[str], columns: tuple[str, ...]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    for row in reader:
        yield reader.line_num, {name: row.get(name) or "" for name in columns}


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(_UTF16):  # "Unicode text" of spreadsheets
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise ValueError(f"{path} is not a table of text (CSV)") from None
    if b"\0" in content:
        raise ValueError(f"{path} is not a table of text (CSV)")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What spreadsheets in western Europe and America write unless asked for UTF-8; its five
        # bytes without a meaning become a mark.
        return content.decode("cp1252", "replace")
