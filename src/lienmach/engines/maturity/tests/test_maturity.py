"""The printed rule of 2021 exactly, each of its gaps by name, and another instrument without a change of
code."""

import copy
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienmach.engines.maturity import (
    Answer,
    AnswerError,
    InstrumentError,
    Label,
    Level,
    assess,
    criterion_score,
    decisions_from,
    instrument_from,
    overall_level,
    pillar_level,
    settle,
)

DAY = date(2026, 11, 1)
BANDS = [
    {"level": 0, "up_to": [10, 100], "open_above": True},
    *(
        {"level": k + 1, "above": [[10, 20, 40, 60, 80][k], 100], "up_to": [20 * (k + 1), 100]}
        for k in range(5)
    ),
]
RATIO_BANDS = [
    {"level": 0, "up_to": [0, 100]},
    *({"level": k + 1, "above": [20 * k, 100], "up_to": [20 * (k + 1), 100]} for k in range(5)),
]
MAXIMA = {"1": 65, "2": 25, "3": 80, "4": 65, "5": 50, "6": 35}


def data():
    def pillar(id_, maximum):
        if id_ == "2":
            criteria = [{"id": "2.1.1", "name": {"vi": "x"}, "kind": "ordinal", "max": 25, "step": 5}]
        else:
            kinds = ["ratio" if i % 2 else "ordinal" for i in range(maximum // 5)]
            criteria = [
                {"id": f"{id_}.1.{i + 1}", "name": {"vi": "x"}, "kind": kind, "max": 5}
                for i, kind in enumerate(kinds)
            ]
        index = {"id": f"{id_}.1", "name": {"vi": "x"}, "max": maximum, "criteria": criteria}
        return {"id": id_, "name": {"vi": "x"}, "max": maximum, "indices": [index]}

    return {
        "id": "toy",
        "version": 1,
        "authority": "a",
        "source": "s",
        "valid_from": "2021-12-13",
        "max": 320,
        "levels": {str(k): {"vi": str(k)} for k in range(6)},
        "pillar_bands": BANDS,
        "lowest_up_to": 20,
        "overall": [
            {"level": 1, "total_above": 20, "pillars": 4, "at_level": 1},
            {"level": 2, "total_above": 64, "pillars": 4, "at_level": 2},
            {"level": 3, "total_above": 128, "pillars": 4, "at_level": 3},
            {"level": 4, "total_above": 192, "pillars": 5, "at_level": 4},
            {"level": 5, "total_above": 256, "pillars": 6, "at_level": 5},
        ],
        "pillars": [pillar(id_, maximum) for id_, maximum in MAXIMA.items()],
    }


def decided(**without):
    every = {
        "G1-exact-10": {"choice": "lower", "reason": "r"},
        "G2-over20-few-pillars": {"choice": "level-0", "reason": "r"},
        "G3-cascade": {"choice": "highest-with-both", "reason": "r"},
        "G4-ratio-scale": {"choice": "bands", "reason": "r", "bands": RATIO_BANDS},
        "G5-zero-denominator": {"choice": "zero-points", "reason": "r"},
    }
    for gap in without.get("without", ()):
        del every[gap]
    return decisions_from(
        {"id": "d", "instrument": "toy", "decided": "2026-11-21", "by": "b", "decisions": every}
    )


TOY, DECISIONS = instrument_from(data()), decided()


def level_of(points, maximum, decisions=DECISIONS):
    return pillar_level(TOY, decisions, points=points, maximum=maximum)


def overall(total, *levels, decisions=DECISIONS):
    given_levels = {str(i): Level(value) for i, value in enumerate(levels)}
    return overall_level(TOY, decisions, total=total, pillar_levels=given_levels)


def test_the_official_example_is_level_three():
    """39 of 65 is exactly 60 %, which floating point puts one level too high."""
    assert level_of(39, 65) == Level(3)


@pytest.mark.parametrize("maximum", sorted(set(MAXIMA.values())))
def test_every_boundary_of_every_pillar(maximum):
    """Against the rule in hundredths of a point, written out once more."""
    for points in range(maximum + 1):
        share = points * 100
        if share == 10 * maximum:
            assert level_of(points, maximum) == Level(0, ("G1-exact-10",))
            continue
        expected = sum(share > bound * maximum for bound in (10, 20, 40, 60, 80))
        assert level_of(points, maximum) == Level(expected)


def test_exactly_ten_percent_stays_open_without_a_decision():
    assert level_of(8, 80, decided(without=["G1-exact-10"])) == Level(None, ("G1-exact-10",))


def test_overall_levels_need_points_and_pillars():
    assert overall(20, 5, 5, 5, 5, 5, 5) == Level(0)
    assert overall(21, 1, 1, 1, 1, 0, 0) == Level(1)
    assert overall(257, 5, 5, 5, 5, 5, 5) == Level(5)
    assert overall(193, 4, 4, 4, 4, 4, 0) == Level(4)


def test_gaps_of_the_overall_rule_are_named():
    assert overall(21, 1, 1, 1, 0, 0, 0) == Level(0, ("G2-over20-few-pillars",))
    assert overall(193, 4, 4, 4, 4, 3, 3) == Level(3, ("G3-cascade",))
    bare = decided(without=["G2-over20-few-pillars", "G3-cascade"])
    assert overall(21, 1, 1, 1, 0, 0, 0, decisions=bare) == Level(None, ("G2-over20-few-pillars",))
    assert overall(193, 4, 4, 4, 4, 3, 3, decisions=bare) == Level(None, ("G3-cascade",))


def answer(id_, **parts):
    return Answer(id_, parts.pop("label", Label.DECLARED), DAY, "someone", **parts)


def score(id_, **parts):
    return criterion_score(TOY.criterion(id_), answer(id_, **parts), DECISIONS)


def test_ratios_follow_the_decided_scale_in_integers():
    bounds = {0: 0, 1: 1, 20: 1, 21: 2, 40: 2, 41: 3, 60: 3, 80: 4, 81: 5, 100: 5}
    for numerator, points in bounds.items():
        assert score("1.1.2", numerator=numerator, denominator=100).points == points
    assert score("1.1.2", numerator=3, denominator=5).points == 3


def test_impossible_answers_are_explained_not_clipped():
    with pytest.raises(AnswerError, match="more than the whole"):
        score("1.1.2", numerator=6, denominator=5)
    with pytest.raises(AnswerError, match="not on its scale"):
        score("2.1.1", points=7)
    with pytest.raises(AnswerError, match="of 0 is impossible"):
        score("1.1.2", numerator=1, denominator=0)
    nothing = score("1.1.2", numerator=0, denominator=0)
    assert nothing.points == 0 and nothing.not_applicable and nothing.gaps == ("G5-zero-denominator",)


def test_evidence_lifts_an_answer_and_never_lowers_it():
    said = score("1.1.1", points=2)
    shown = score("1.1.1", points=4, label=Label.EVIDENCED, evidence=("e1",))
    assert settle([said, shown]).label is Label.EVIDENCED and settle([said, shown]).points == 4
    high = score("1.1.1", points=5)
    kept = settle([high, shown])
    assert kept.points == 5 and kept.label is Label.DECLARED and kept.conflict == shown.answer
    same = score("1.1.1", points=4)
    assert settle([same, shown]).label is Label.EVIDENCED
    checked = score("1.1.1", points=1, label=Label.VERIFIED)
    assert settle([high, shown, checked]).points == 1


everything = {
    criterion.id: (
        st.sampled_from(range(0, criterion.max + 1, criterion.step)).map(lambda p: {"points": p})
        if criterion.kind == "ordinal"
        else st.integers(0, 10).map(lambda n: {"numerator": n, "denominator": 10})
    )
    for criterion in TOY.criteria()
}


@given(st.fixed_dictionaries(everything), st.sets(st.sampled_from(sorted(everything))))
def test_the_level_of_a_finished_assessment_lies_in_every_earlier_interval(parts, missing):
    """What is still possible must hold what becomes true."""
    scores = {id_: score(id_, **part) for id_, part in parts.items()}
    full = assess(TOY, DECISIONS, scores)
    assert full.level.settled and full.low_points == full.high_points
    some = assess(TOY, DECISIONS, {id_: one for id_, one in scores.items() if id_ not in missing})
    assert some.level.low.value <= full.level.low.value <= some.level.high.value
    assert some.low_points <= full.low_points <= some.high_points
    if missing:
        assert "G6-unanswered" in some.level.low.gaps


def test_an_instrument_that_contradicts_itself_is_refused_with_every_reason():
    bad = copy.deepcopy(data())
    bad["max"] = 321
    bad["pillars"][0]["indices"][0]["criteria"][0]["kind"] = "essay"
    bad["pillars"][1]["indices"][0]["criteria"][0]["step"] = 7
    bad["pillar_bands"][1]["above"] = [5, 100]
    with pytest.raises(InstrumentError) as caught:
        instrument_from(bad)
    text = "\n".join(caught.value.problems)
    assert "321" in text and "essay" in text and "steps of 7" in text and "fall into levels" in text


def test_other_pillars_and_thresholds_need_no_code():
    other = data()
    other["id"], other["max"], other["pillars"] = "other", 90, other["pillars"][:2]
    other["pillar_bands"] = [{"level": 0, "up_to": [50, 100]}, {"level": 1, "above": [50, 100]}]
    other["overall"] = [{"level": 1, "total_above": 40, "pillars": 2, "at_level": 1}]
    small = instrument_from(other)
    rules = decisions_from(
        {"id": "d", "instrument": "other", "decided": "2026-11-21", "by": "b", "decisions": {}}
    )
    levels = {"1": Level(1), "2": Level(1)}
    assert overall_level(small, rules, total=41, pillar_levels=levels) == Level(1)


def test_unknown_decisions_are_refused():
    with pytest.raises(InstrumentError, match="No gap is called"):
        decisions_from(
            {
                "id": "d",
                "instrument": "toy",
                "decided": "2026-11-21",
                "by": "b",
                "decisions": {"G10": {"choice": "x", "reason": "r"}},
            }
        )
