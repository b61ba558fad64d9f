"""Tables of evidence are kept where they say, and what is kept is what is computed."""

import json

import numpy as np
import pytest

from matnn_lib.study import evidence
from matnn_lib.study.evidence import Table

TABLES = evidence.tables()


def square(side):
    return {"area": side**2, "sides": [side, side], "kind": "square"}


def broken(side):
    raise ArithmeticError("no squares today")


@pytest.fixture
def squares(tmp_path, monkeypatch):
    """A world with one table, and a folder of its own to keep it in."""
    table = Table("99-squares", square, ({"side": 1}, {"side": 2}))
    monkeypatch.setattr(evidence, "tables", lambda: {table.name: table})
    monkeypatch.setattr(evidence, "_file", lambda name: tmp_path / f"{name}.json")
    return tmp_path / "99-squares.json"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_kept_at_the_inputs_that_its_module_names(name):
    table, rows = TABLES[name], evidence.load(name)
    kept = [{key: row[key] for key in table.inputs[0]} for row in rows]
    assert kept == json.loads(json.dumps(list(table.inputs)))
    assert all(row.keys() == rows[0].keys() for row in rows)
    assert rows[0].keys() > table.inputs[0].keys()


@pytest.mark.parametrize("name", TABLES)
def test_the_first_row_of_a_table_is_computed_again(name, capsys):
    evidence.check(name, **TABLES[name].inputs[0])
    assert "rows computed again, and they agree" in capsys.readouterr().out


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_what_computed_it(name):
    kept = json.loads(evidence._file(name).read_text(encoding="utf-8"))
    assert set(kept) == {"versions", "rows"}
    assert set(kept["versions"]) == {"python", "numpy", "scipy"}


def test_a_tables_file_belongs_to_a_table():
    folder = evidence._file("x").parent
    assert {path.stem for path in folder.iterdir()} == set(TABLES)


def test_the_rate_at_which_chapter_00_trains_was_the_best_of_a_grid_around_it():
    for row in evidence.load("00-rates"):
        accuracy = np.array(row["accuracy"])
        assert 0 < row["rates"].index(row["rate"]) < len(row["rates"]) - 1
        if row["at_chance"]:
            assert accuracy.max() <= 0.15
        else:
            assert accuracy[row["rates"].index(row["rate"])] == accuracy.max()
    assert [row["at_chance"] for row in evidence.load("00-rates")] == [True, False]


def test_a_computed_table_is_loaded_and_checked(squares, capsys):
    assert evidence.compute("99-squares") == squares
    assert evidence.load("99-squares") == [{"side": side, **square(side)} for side in (1, 2)]
    evidence.check("99-squares")
    evidence.check("99-squares", side=2)
    assert capsys.readouterr().out.splitlines() == [
        "99-squares: 2 of 2 rows computed again, and they agree.",
        "99-squares: 1 of 2 rows computed again, and they agree.",
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [("area", 4.1), ("sides", [2, 2.1]), ("sides", [2]), ("kind", "circle"), ("colour", "red")],
)
def test_a_kept_number_that_differs_is_found(squares, key, value):
    evidence.compute("99-squares")
    kept = json.loads(squares.read_text())
    kept["rows"][1][key] = value
    squares.write_text(json.dumps(kept))
    evidence.check("99-squares", side=1)
    with pytest.raises(AssertionError, match=f"99-squares, {key}: "):
        evidence.check("99-squares")


def test_numbers_may_differ_by_the_tolerance_of_the_largest_beside_them(squares, capsys):
    evidence.compute("99-squares")
    kept = json.loads(squares.read_text())
    kept["rows"][1]["sides"] = [2 + 1e-7, 2]
    squares.write_text(json.dumps(kept))
    evidence.check("99-squares")
    with pytest.raises(AssertionError):
        evidence.check("99-squares", rtol=1e-9)


@pytest.mark.parametrize(
    ("kept", "again", "close"),
    [
        ([1.0, 1e-9], [1.0, 0.0], True),
        ([1.0, 1e-3], [1.0, 0.0], False),
        ([float("nan"), 1.0], [float("nan"), 1.0], True),
        ([float("nan"), 1.0], [0.0, 1.0], False),
        ([float("-inf"), 1.0], [float("-inf"), 1.0], True),
        ([float("-inf")], [-1e300], False),
        (0.0, 1e-300, False),
        (True, True, True),
        (True, False, False),
        ([1, 2], [1, 2, 3], False),
        ("a", "a", True),
        ("1", 1, False),
        (None, None, True),
    ],
)
def test_closeness_is_relative_to_the_largest_finite_number(kept, again, close):
    assert evidence._close(kept, again, 1e-6) is close


def test_a_row_that_fails_leaves_the_kept_table(squares, monkeypatch):
    evidence.compute("99-squares")
    before = squares.read_bytes()
    table = Table("99-squares", broken, ({"side": 1},))
    monkeypatch.setattr(evidence, "tables", lambda: {table.name: table})
    with pytest.raises(RuntimeError, match=r"99-squares was not computed.*no squares today"):
        evidence.compute("99-squares")
    assert squares.read_bytes() == before


def test_names_are_those_asked_for_or_all(squares):
    assert evidence.names([]) == ["99-squares"]
    assert evidence.names(["99-squares"]) == ["99-squares"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: evidence.load("00-rats"),
        lambda: evidence.check("00-rats"),
        lambda: evidence.compute("00-rats"),
        lambda: evidence.names(["00-rats"]),
        lambda: list(evidence.main(["claims", "00-rats"])),
    ],
)
def test_an_unknown_table_is_answered_with_those_there_are(call):
    with pytest.raises(ValueError, match=r"must be one of 00-rates.* but it is '00-rats'"):
        call()


def test_a_row_that_is_not_kept_is_an_error():
    with pytest.raises(ValueError, match=r"must have a row with \{'start': 'lively'\}"):
        evidence.check("00-rates", start="lively")


def test_a_table_that_was_never_computed_says_how_to(squares):
    with pytest.raises(FileNotFoundError, match="compute it with `matnn evidence 99-squares`"):
        evidence.load("99-squares")


def test_claims_alone_compute_no_table(squares, monkeypatch):
    monkeypatch.setattr("matnn_lib.study.claims.claims", dict)
    monkeypatch.setattr("matnn_lib.study.evidence.sweep", lambda *given: [])
    stored = []
    monkeypatch.setattr("matnn_lib.study.claims.ledger.store", lambda found: stored.extend(found))
    assert list(evidence.main(["claims", "claims"])) == []
    assert not squares.exists()
