"""A small round of chaos: real services, real kills, and nothing lost, stuck or doubled."""

import pytest
from chaos.run import Options, run_chaos
from chaos.verify import WRONG

pytestmark = [pytest.mark.services]
KILLS = ("worker killed, running", "worker killed, preparing", "worker killed, scoring", "worker killed, queued")
KINDS = (*KILLS, "site worker", "broker stopped", "late report", "runner")


@pytest.mark.timeout(240)
def test_nothing_is_lost_stuck_or_doubled() -> None:
    said: list[str] = []
    options = Options(runs=20, seed=3, people=3, every=0.2, pause=0.4, kinds=KINDS, fault_seconds=15, sandbox="process")
    outcome = run_chaos(options, said.append)
    assert outcome.problems == ()
    assert outcome.verdict.problems == ()
    assert {fate: outcome.verdict[fate] for fate in WRONG} == dict.fromkeys(WRONG, 0)
    assert outcome.verdict.runs == 20
    assert outcome.ledger.kinds()["worker killed"] >= 1
    assert outcome.ledger.kinds()["message delivered twice"] >= 1
    assert said
