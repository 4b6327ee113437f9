"""Labels on request: they stay with the worker, which counts for itself what it gives.

The runner is one process with hostile code, so nothing that it says is believed: a request has a fixed form, a number
of positions that the budget allows and these; what lies in the folder that the run sees was written before and is not
read again; and once a test input has been asked for, training is over and no label is given any more.
"""

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt

from farfield.labels import Account, Budget, LabelsRefused
from farfield.runtime.asking import HEAD, MAGIC, NUMBER_BYTES, POOL, About, message
from farfield_workers.execution import Observer
from farfield_workers.failures import RunFailure
from farfield_workers.serving import Server

CODE, BROKEN = LabelsRefused.code, "platform.labels"
Ints = npt.NDArray[np.int64]


class Desk(Server):
    """Tells a run the labels [N] of its pool, within the budget; two pipes and `labels.json` are made in `folder`."""

    request_bytes, broken, noun = HEAD.size, BROKEN, "labels"

    def __init__(self, folder: Path, labels: Ints, budget: Budget) -> None:
        About(count=len(labels), rounds=budget.rounds, per_round=budget.per_round).write(folder)
        self.account = Account(budget, len(labels))
        self._labels = labels
        self._over, self._turn = False, threading.Lock()
        super().__init__(folder)

    def end(self) -> None:
        """Training is over. An answer that is on its way is waited for no longer than it takes to look it up."""
        with self._turn:
            self._over = True

    def answer(self, request: bytes) -> None:
        magic, count = HEAD.unpack(request)
        if magic != MAGIC or not 1 <= count <= self.account.budget.per_round:
            raise RunFailure(CODE, f"the run sent what is no request for 1 to {self.account.budget.per_round} labels")
        sent = self.pipes.read(count * NUMBER_BYTES)
        if sent is not None:
            self.pipes.send(message(self._told(np.frombuffer(sent, np.int64))))

    def _told(self, positions: Ints) -> Ints:
        with self._turn:
            if self._over:
                raise RunFailure(CODE, "the run asked for labels after it had begun to predict")
            try:
                self.account.enter(positions)
            except LabelsRefused as refused:
                raise RunFailure(CODE, str(refused)) from refused
        return self._labels[positions]


def desk_of(source: Path, labels: Ints | None, budget: Budget | None) -> Desk | None:
    """The desk of a run that is staged in `source`; None where it may ask for no labels."""
    return None if budget is None or labels is None else Desk(source / POOL, labels, budget)


def asked_of(desk: Desk, observer: Observer) -> tuple[int, ...]:
    """How many labels a run that has ended asked for in each round, which its log says too. Raises RunFailure."""
    desk.check()
    rounds, budget = desk.account.rounds, desk.account.budget
    each = f": {', '.join(map(str, rounds))}" if rounds else ""
    said = f"{sum(rounds)} of {budget.total}, in {len(rounds)} of {budget.rounds} rounds{each}"
    observer.log(f"labels asked for: {said}\n")
    return rounds
