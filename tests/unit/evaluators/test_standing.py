"""Standing by the rules of a benchmark's authors: every rule has its reason, and a broken rule is never passed over."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.evaluators.test_benchmark import BENCHMARK

from farfield import TrackClaims
from farfield.departures import BATCH_STATISTICS, DEPARTURES, SELECTS_ELSEWHERE, TEST_DATA, TRAINS_ON_VALIDATION
from farfield.errors import SpecError
from farfield_evaluators.benchmark import Column, Plot
from farfield_evaluators.standing import PROBED, EntryFacts, StandingRules

RULES = StandingRules(
    of="WILDS",
    source="https://wilds.stanford.edu/submit/",
    replicates=3,
    forbids=(SELECTS_ELSEWHERE, TRAINS_ON_VALIDATION, BATCH_STATISTICS),
    refuses=(TEST_DATA,),
)
CLAIMS = TrackClaims(backbone="resnet50", pretraining=("imagenet-1k",))
FACTS = EntryFacts(claims=CLAIMS, replicates=3)


def test_an_entry_that_keeps_all_rules_is_standard() -> None:
    standing = RULES.standing(FACTS)
    assert (standing.name, standing.reasons) == ("standard", ())
    assert standing.sentence == "standard by the rules of WILDS"
    assert RULES.standing(replace(FACTS, run_here=False)).sentence.endswith("by its author's word")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"replicates": 2}, "it has 2 of 3 replicates"),
        ({"claims": replace(CLAIMS, extra_data=("web", "lvis"))}, "it uses extra data (web, lvis)"),
        ({"claims": replace(CLAIMS, departs=(TRAINS_ON_VALIDATION,))}, "it was trained on validation data, too"),
        ({"claims": replace(CLAIMS, departs=(TEST_DATA,))}, "it learned from test data, or was chosen by them"),
        ({"transductive": True}, "it predicts with statistics of the test batch"),
        ({"batch_dependent": True}, PROBED),
        ({"batch_dependent": True, "transductive": True}, "it predicts with statistics of the test batch"),
    ],
)
def test_each_broken_rule_is_a_reason(changes: dict[str, object], reason: str) -> None:
    standing = RULES.standing(replace(FACTS, **changes))  # type: ignore[arg-type] # of several types
    assert (standing.name, standing.reasons) == ("not-standard", (reason,))
    assert standing.sentence == f"not standard by the rules of WILDS: {reason}"


@given(
    st.sets(st.sampled_from(sorted(DEPARTURES))), st.integers(0, 6), st.booleans(), st.booleans(), st.booleans(),
    st.sets(st.sampled_from(sorted(DEPARTURES))),
)  # fmt: skip
def test_standard_is_exactly_what_breaks_none_of_the_rules(
    departs: set[str], replicates: int, extra: bool, transductive: bool, probed: bool, forbids: set[str]
) -> None:
    rules = replace(RULES, forbids=tuple(forbids), refuses=())
    claims = replace(CLAIMS, departs=tuple(departs), extra_data=("web",) if extra else ())
    facts = EntryFacts(claims=claims, replicates=replicates, transductive=transductive, batch_dependent=probed)
    own = departs | ({BATCH_STATISTICS} if transductive or probed else set())
    standing = rules.standing(facts)
    assert (standing.name == "standard") == (not own & forbids and replicates >= 3 and not extra)
    assert len(standing.reasons) == len(own & forbids) + (replicates < 3) + extra


def test_what_the_rules_refuse_may_not_be_entered() -> None:
    ruled = replace(BENCHMARK, standing=RULES)
    assert ruled.refusals("open", CLAIMS) == []
    refused = ruled.refusals("open", replace(CLAIMS, departs=(TEST_DATA,)))
    assert refused == ["by the rules of WILDS it is no entry: it learned from test data, or was chosen by them"]
    assert BENCHMARK.refusals("open", replace(CLAIMS, departs=(TEST_DATA,))) == []


def test_claims_name_only_departures_that_there_are() -> None:
    (problem,) = TrackClaims(backbone="none", departs=("peeks",)).problems()
    assert problem.startswith("claims.departs: 'peeks' is none of uses-test-data")
    assert TrackClaims(backbone="none", departs="peeks").problems()  # type: ignore[arg-type] # a lone text
    assert "departs" not in CLAIMS.describe()
    assert replace(CLAIMS, departs=(TEST_DATA,)).describe()["departs"] == [TEST_DATA]


def test_rules_plots_and_ways_in_change_no_key_and_are_checked() -> None:
    plot = Plot(x=BENCHMARK.columns[0], y=BENCHMARK.columns[0], title="Both", equal="As good in both.")
    told = replace(BENCHMARK, standing=RULES, plots=(plot,), runs_methods=False)
    assert told.comparability_key("f1") == BENCHMARK.comparability_key("f1")
    assert "No method is run on Toy" in told.no_methods
    assert BENCHMARK.no_methods == ""
    assert told.describe()["standing"]["of"] == "WILDS"
    with pytest.raises(SpecError, match="axis 'X': there is no metric 'auroc'"):
        replace(BENCHMARK, plots=(replace(plot, x=Column(metric="auroc", domain="shifts", title="X")),))
    with pytest.raises(SpecError, match="its rules name 'peeks'"):
        replace(BENCHMARK, standing=replace(RULES, forbids=("peeks",)))


def test_a_benchmark_that_takes_nothing_is_refused() -> None:
    from farfield_evaluators.plans.folds import Folds

    with pytest.raises(SpecError, match="nothing can be entered"):
        replace(BENCHMARK, plan=Folds(("A", "B")), runs_methods=False)
