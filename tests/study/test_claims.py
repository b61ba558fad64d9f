"""Each verdict is measured again, and each could have come out otherwise."""

import itertools
import json
import re
import time
from datetime import date

import numpy as np
import pytest

from matnn_lib.linalg import polar_factor
from matnn_lib.nn import updates
from matnn_lib.nn.tree import tree_map
from matnn_lib.study import bench, claims
from matnn_lib.study.claims import Evidence, ledger, measure, verdict
from matnn_lib.study.claims.experiments import program, sizes
from matnn_lib.study.starts import CRITICAL, DEAD, EXPLODING, MILD, Start

CLAIMS = claims.claims()
STORED = claims.stored()


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("id", CLAIMS)
def test_measured_now_a_claim_gets_its_published_verdict(id):
    begun = time.process_time()
    evidence = measure(id, "quick")
    assert time.process_time() - begun < 10
    assert evidence.claim == id
    assert evidence.size == "quick"
    assert verdict(evidence) == STORED[id].verdict


@pytest.mark.parametrize("id", CLAIMS)
def test_what_is_kept_is_full_evidence_with_date_and_versions(id):
    record = STORED[id]
    assert (record.evidence.claim, record.evidence.size) == (id, "full")
    assert date.fromisoformat(record.date) >= date(2024, 1, 1)
    assert set(record.versions) == {"python", "numpy", "scipy"}
    assert all(re.match(r"\d+\.\d+", version) for version in record.versions.values())
    assert record.verdict == verdict(record.evidence)


def test_every_claim_of_the_ledger_is_measured_and_kept():
    texts = ledger.tomllib.loads(ledger._file("ledger.toml").read_text(encoding="utf-8"))
    assert set(texts) == set(CLAIMS) == set(STORED)
    assert {"C01", "C02", "C13"} <= set(CLAIMS)


@pytest.mark.parametrize("id", CLAIMS)
def test_a_claim_is_quoted_in_chinese_and_told_in_english(id):
    about = CLAIMS[id]
    assert re.search("[\u4e00-\u9fff]{4}", about.quote)
    assert re.search("[a-z]{3} [a-z]{2}", about.text)
    assert about.condition.strip()
    assert re.fullmatch(r"\d(\.\d)*( \(\d\))?(, \d(\.\d)*( \(\d\))?)*", about.section)
    assert re.fullmatch(r"\d\d(, \d\d)*", about.chapter)


def test_gradients_do_not_fall_with_depth_from_a_start_that_keeps_them():
    for start in (CRITICAL, EXPLODING):
        assert verdict(measure("C01", start=start, layers=15)) == "does not hold"


def test_gradients_fall_with_depth_from_every_start_that_contracts():
    found = measure("C01", start=MILD, control=Start("milder", MILD.initializer), layers=15)
    assert verdict(found) == "holds"
    # Each layer takes a factor of 0.8 at most: half a decade in ten of them, and more with tanh.
    for falls in found.quantities.values():
        assert min(falls) >= -10 * np.log10(0.8)


def test_the_fall_is_the_slope_of_the_gain_in_depth():
    found = measure("C01", layers=10)
    assert found.settings["depths"] == [2, 6, 10]
    seeds = found.settings["seeds"]
    gains = [bench.measure_start(DEAD, layers=depth, seeds=seeds).gain for depth in (2, 10)]
    # Of three points at even distance the middle one does not tilt the line.
    slope = (gains[1] - gains[0]) / 8
    np.testing.assert_allclose(found.quantities["dead: fall per ten layers"], -10 * slope)


def test_a_gradient_that_underflows_on_the_way_falls_without_end():
    vanishing_at_once = Start("zero", lambda rng, d_in, d_out: np.zeros((d_in, d_out)))
    deep = Start("tiny", lambda rng, d_in, d_out: np.full((d_in, d_out), 1e-60))
    found = measure("C01", start=deep, control=vanishing_at_once, layers=10)
    assert found.quantities["dead: fall per ten layers"] == (np.inf,) * 5
    assert np.isnan(found.quantities["critical: fall per ten layers"]).all()
    assert verdict(found) == "holds if"


def test_layer_one_moves_under_any_update_where_nothing_vanishes():
    found = measure("C02", start=CRITICAL, layers=5)
    assert verdict(found) == "does not hold"
    accuracies = found.quantities["dead, SGD: accuracy"]
    assert min(accuracies) > 0.5


def test_layer_one_stays_under_any_update_at_a_rate_next_to_nothing():
    assert verdict(measure("C02", start=CRITICAL, layers=5, rate=1e-9)) == "holds"


def test_at_full_size_each_update_has_the_best_rate_of_its_own_grid():
    settings = STORED["C02"].evidence.settings
    assert settings["layers"] == 50
    assert settings["SGD: rate"] in bench.RATES[1:-1]
    assert settings["sign updates: rate"] in (1e-5, 1e-4, 1e-3)


def orthogonal_from_dead(rng):
    """Return the gain of a dead start, and of its polar factors without biases."""

    def mend(params):
        return tree_map(lambda W: polar_factor(W) if W.ndim == 2 else 0 * W, params)

    seeds = [int(rng.integers(2**31))]
    gains = (
        bench.measure_start(DEAD, prepare=prepare, layers=10, seeds=seeds).gain[0]
        for prepare in (None, mend)
    )
    return tuple(gains)


@pytest.mark.parametrize(
    ("text", "repaired", "expected"),
    [
        ("import numpy as np\nnp.random.rand(2)", orthogonal_from_dead, "holds"),
        (None, orthogonal_from_dead, "holds if"),
        ("x = 1", program.repaired_program, "does not hold"),
    ],
)
def test_a_program_that_runs_and_mends_a_deep_net_would_show_the_effect(text, repaired, expected):
    assert verdict(measure("C13", program=text, repaired=repaired)) == expected


def test_the_published_program_ends_with_an_error_of_shapes():
    assert program.how_it_ends(program.article_program()) == "ValueError"
    assert measure("C13").settings["ends with"] == "ValueError"


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("x = 1", None),
        ("print('noise')", None),
        ("y = undefined", "NameError"),
        ("def", "SyntaxError"),
        ("import sys; sys.exit()", None),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("assert __name__ == '__main__'", None),
    ],
)
def test_a_program_ends_as_it_would_by_itself_and_quietly(text, ending, capsys):
    assert program.how_it_ends(text) == ending
    assert capsys.readouterr().out == ""


def test_running_a_program_leaves_the_callers_random_numbers():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert program.how_it_ends("import numpy as np\nnp.random.seed(3)\nnp.random.rand(9)") is None
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_the_repaired_program_loses_gradient_at_every_layer_and_none_by_having_one():
    before, after = program.repaired_program(rng(), layers=1, iterations=3)
    assert before == after == 0
    two, ten = (program.repaired_program(rng(), layers=n, iterations=1)[0] for n in (2, 10))
    assert ten < two < 0


def test_without_steps_nothing_rises():
    before, after = program.repaired_program(rng(), layers=3, iterations=0)
    assert before == after


def test_at_a_rate_that_saturates_it_the_repaired_program_shows_nothing():
    found = measure("C13", program="x = 1", rate=1e308)
    assert verdict(found) == "does not hold"
    assert set(found.quantities["the repaired program: rise"]) == {-np.inf}


def test_ctrl_c_is_not_taken_for_the_end_of_the_repaired_program(monkeypatch):
    def interrupt(*given):
        raise KeyboardInterrupt

    interrupting = updates.Update(lambda params: (), interrupt)
    monkeypatch.setattr(program.updates, "sgd", lambda: interrupting)
    with pytest.raises(KeyboardInterrupt):
        program.repaired_program(rng())


def test_a_seed_decides_the_measurement():
    def drawn(rng):
        return rng.random(), rng.random()

    options = {"program": "x = 1", "repaired": drawn}
    first, again, other = (measure("C13", seed=seed, **options) for seed in (0, 0, 1))
    assert first == again
    assert first.quantities != other.quantities
    assert len(set(first.settings["seeds"])) == 5


def test_a_search_measures_every_combination():
    found = list(ledger.search("C13", {"layers": [2, 0], "rate": [0.01, 0.02]}, [0, 1]))
    cases = [(case["layers"], case["rate"], case["seed"]) for case, _ in found]
    assert cases == list(itertools.product([2, 0], [0.01, 0.02], [0, 1]))
    assert [outcome for _, outcome in found] == ["does not hold"] * 4 + [
        "can't be measured: layers must be at least 1, but it is 0"
    ] * 4


def test_a_search_knows_what_an_experiment_can_vary():
    assert CLAIMS["C01"].variations == ("start", "layers")
    assert CLAIMS["C02"].variations == ("start", "layers", "rate")
    assert CLAIMS["C13"].variations == ("layers", "rate")
    with pytest.raises(ValueError, match="C13 can vary layers, rate, seed, but not start"):
        ledger.search("C13", {"start": [DEAD]}, [0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: measure("C99"), ValueError, r"must be one of C01.*, but it is 'C99'"),
        (lambda: measure("C01", "huge"), ValueError, "size must be 'quick' or 'full'"),
        (lambda: measure("C01", seed=-1), ValueError, "seed must be at least 0"),
        (lambda: measure("C01", seed=0.5), TypeError, "seed must be an integer"),
        (lambda: measure("C01", layers=0), ValueError, "layers must be at least 2, but it is 0"),
        (lambda: measure("C02", layers=0), ValueError, "layers must be at least 1, but it is 0"),
        (lambda: measure("C02", rate=0.0), ValueError, "rate must be greater than 0"),
        (lambda: measure("C13", layers=0), ValueError, "layers must be at least 1, but it is 0"),
        (lambda: measure("C13", rate=0.0), ValueError, "rate must be greater than 0"),
        (lambda: measure("C03", layers=0), ValueError, "layers must be at least 1, but it is 0"),
        (lambda: measure("C06", layers=0), ValueError, "layers must be at least 1, but it is 0"),
        (lambda: measure("C06", scale=np.nan), ValueError, "scale must be finite"),
        (lambda: measure("C01", start="dead"), TypeError, "start must be a Start such as DEAD"),
        (lambda: measure("C01", rate=1.0), TypeError, "rate"),
    ],
)
def test_what_cannot_be_measured_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.fixture
def kept(tmp_path, monkeypatch):
    path = tmp_path / "evidence.json"
    monkeypatch.setattr(ledger, "_file", lambda name: path)
    return path


def test_stored_evidence_comes_back_with_todays_date(kept):
    evidence = Evidence("C01", "full", {"x": (1.0, -np.inf)}, {"depths": [1, 2]})
    assert ledger.store([evidence]) == kept
    (record,) = ledger.stored().values()
    assert record.evidence == evidence
    assert record.date == date.today().isoformat()


def test_storing_replaces_a_claims_evidence_and_keeps_the_others(kept):
    first, second, changed = (
        Evidence(id, "full", {"x": (value,)}, {})
        for id, value in (("C13", 1.0), ("C01", 2.0), ("C13", 3.0))
    )
    ledger.store([first, second])
    ledger.store([changed])
    assert list(json.loads(kept.read_text(encoding="utf-8"))) == ["C01", "C13"]
    assert [r.evidence for r in ledger.stored().values()] == [second, changed]


def test_quick_evidence_is_not_kept(kept):
    with pytest.raises(ValueError, match="only evidence of size 'full' is kept"):
        ledger.store([Evidence("C01", "quick", {"x": (1.0,)}, {})])
    assert not kept.exists()


def test_seeds_are_five_and_the_generators():
    assert sizes.draw_seeds(rng(3)) == sizes.draw_seeds(rng(3))
    assert len(sizes.draw_seeds(rng(3))) == 5
