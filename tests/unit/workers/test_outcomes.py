"""Sending what a run said of each example is the last thing before its report, and never what a run fails for."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.golden.test_figures import run_of
from tests.smallpack import DEMO_BENCHMARKS

from farfield_evaluators.evaluate import scored
from farfield_evaluators.outcomes import Outcomes, OutcomesError, Written, outcomes_of, read
from farfield_evaluators.run_plan import Evidence
from farfield_workers.attempt import Attempt
from farfield_workers.client import LeaseEnded, SiteRefused, SiteUnreachable

MINI = DEMO_BENCHMARKS[0]


class Sent:
    """A site that takes outcomes, or fails to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.seen = error, list[Outcomes]()

    def send_outcomes(self, claim: Any, path: Path, written: Written) -> None:
        assert written.size == path.stat().st_size
        self.seen.append(read(path, written.sha256))
        if self.error is not None:
            raise self.error


@pytest.fixture
def evidence() -> Evidence:
    truth, arrays = run_of(MINI)
    truth = replace(truth, positions=truth.domains * 1000 + truth.labels)
    result = scored(MINI, truth, arrays)
    return Evidence(figures=result.figures, outcomes=outcomes_of(MINI, "f" * 64, truth, result.tests))


def attempt(site: Sent, var: Path, said: list[str]) -> Attempt:
    machine: Any = SimpleNamespace(settings=SimpleNamespace(var=var))
    lease: Any = SimpleNamespace(log=said.append)
    client: Any = site
    claim: Any = SimpleNamespace(id="1")
    return Attempt(claim=claim, machine=machine, client=client, lease=lease)


def test_outcomes_are_sent_and_no_file_is_left(evidence: Evidence, tmp_path: Path) -> None:
    site, said = Sent(), list[str]()
    assert attempt(site, tmp_path, said)._kept(evidence) is evidence
    (sent,) = site.seen
    assert (sent.benchmark, sent.rows, sent.names) == (MINI.name, 440, ("hit",))
    assert said == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("error", [OutcomesError("too large"), SiteRefused("HTTP 404"), SiteUnreachable("away")])
def test_a_run_does_not_fail_for_want_of_them(evidence: Evidence, tmp_path: Path, error: Exception) -> None:
    said = list[str]()
    assert attempt(Sent(error), tmp_path, said)._kept(evidence) is evidence
    assert said == [f"note: what was said of each example is not kept: {error}\n"]


def test_a_lease_that_is_over_ends_the_attempt(evidence: Evidence, tmp_path: Path) -> None:
    with pytest.raises(LeaseEnded):
        attempt(Sent(LeaseEnded("cancelled")), tmp_path, [])._kept(evidence)


def test_evidence_without_outcomes_sends_nothing(tmp_path: Path) -> None:
    site = Sent()
    attempt(site, tmp_path, [])._kept(Evidence(lines="{}"))
    assert site.seen == []
