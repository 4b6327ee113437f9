"""Pictures of a run are sent after it, and it never fails for want of them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.suites.fsdet.made import CLASSES, board
from tests.suites.fsdet.made import pack as made_pack

from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import Truth
from farfield_evaluators.pictures.run import Picture
from farfield_workers.attempt import Attempt
from farfield_workers.client import LeaseEnded, SiteRefused, SiteUnreachable

BOARD = replace(board("fsis"), shows="images")


class Sent:
    """A site that takes pictures, or fails to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.seen = error, list[Picture]()

    def send_pictures(self, claim: Any, pictures: Iterable[Picture]) -> None:
        self.seen += pictures
        if self.error is not None:
            raise self.error


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return made_pack(tmp_path_factory.mktemp("made") / "images")


def outcome(pack: Pack, arrays: dict[str, Any] | None = None) -> Any:
    positions = pack.members("test")
    count = len(positions)
    truth = Truth(
        labels=np.full(count, -1), domains=np.zeros(count, np.int64), classes=len(CLASSES), positions=positions
    )
    none = {"boxes-rows": np.zeros(count, np.int64), "boxes": np.zeros((0, 4)), "scores": np.zeros(0)}
    given = none | {"labels": np.zeros(0, np.int32)} if arrays is None else arrays
    return SimpleNamespace(staged=SimpleNamespace(truth=truth), arrays=given)


def show(site: Sent, pack: Pack, given: Any) -> list[str]:
    """What the run's log says after its pictures were sent."""
    said: list[str] = []
    parts: dict[str, Any] = {"claim": SimpleNamespace(id="1"), "lease": SimpleNamespace(log=said.append)}
    Attempt(machine=SimpleNamespace(), client=site, **parts)._show(BOARD, pack, given)  # type: ignore[arg-type]
    return said


def test_every_layer_is_sent(pack: Pack) -> None:
    site = Sent()
    assert show(site, pack, outcome(pack)) == []
    assert [(p.place, p.layer) for p in site.seen] == [(0, "image"), (0, "said"), (1, "image"), (1, "said")]


@pytest.mark.parametrize("error", [SiteRefused("HTTP 404"), SiteUnreachable("away"), MemoryError()])
def test_a_run_does_not_fail_for_want_of_them(pack: Pack, error: Exception) -> None:
    (note,) = show(Sent(error), pack, outcome(pack))
    assert note.startswith("note: not all pictures of the run are kept")


def test_outputs_that_cannot_be_drawn_cost_no_run(pack: Pack) -> None:
    (note,) = show(Sent(), pack, outcome(pack, {}))
    assert "KeyError" in note


def test_a_run_that_is_not_held_any_more_ends(pack: Pack) -> None:
    with pytest.raises(LeaseEnded):
        show(Sent(LeaseEnded("cancelled")), pack, outcome(pack))


def test_a_benchmark_that_shows_nothing_sends_nothing(pack: Pack, tmp_path: Path) -> None:
    site, given = Sent(), outcome(pack)
    attempt: Any = Attempt(claim=None, machine=None, client=site, lease=None)  # type: ignore[arg-type]
    attempt._show(replace(BOARD, shows=""), pack, given)
    assert site.seen == []
