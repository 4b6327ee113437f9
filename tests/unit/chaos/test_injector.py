"""Every kind of fault has its share, and a slow machine is not overrun."""

import random
from collections import Counter
from typing import cast

from chaos.faults import FAULTS
from chaos.injector import AT_FIRST, Injector
from chaos.scene import Scene


def injector(ended: int = 0) -> Injector:
    return Injector(cast("Scene", None), tuple(FAULTS), 1.0, lambda: ended, random.Random(1))


def test_every_kind_comes_as_often_as_its_share() -> None:
    chooser = injector()
    total = sum(share for _, share in FAULTS.values())
    for _ in range(10 * total):
        chooser._tried[chooser._next()] += 1
    assert chooser._tried == Counter({kind: 10 * share for kind, (_, share) in FAULTS.items()})


def test_more_faults_are_borne_once_runs_have_ended() -> None:
    assert AT_FIRST <= injector()._allowed() < AT_FIRST + 1
    assert injector(100)._allowed() > injector()._allowed() + 50
