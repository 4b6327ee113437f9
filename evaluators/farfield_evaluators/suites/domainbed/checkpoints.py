"""What the runner noted of a run's checkpoints. Written beside submitted code, so checked here."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from farfield.errors import PredictionsError
from farfield_evaluators.numbers import is_number
from farfield_evaluators.suites.domainbed.parsing import ACCURACY
from farfield_evaluators.suites.domainbed.selection import INFORMATIVENESS_KEY, VARIATION_KEY

FILE = "checkpoints.json"
MOST_BYTES = 16 << 20
MOST_LOSSES = 100
NO_NUMBER = ("nan", "inf", "-inf")
LOSS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
# What else a line of records holds: a loss of such a name would hide it.
TAKEN = frozenset(
    {"args", "hparams", "step", "epoch", "step_time", "mem_gb", VARIATION_KEY, INFORMATIVENESS_KEY},
)
Checkpoint = dict[str, Any]


def checkpoints_in(note: Mapping[str, Any], steps: Sequence[int]) -> list[Checkpoint]:
    """The checkpoints of these steps: `step`, `losses` by name, `seconds` and `mem_gb`.

    A loss that is no number is written by its name, such as "nan": a run that has diverged goes on, as in DomainBed.

    An image with a runner of an earlier version writes no `mem_gb`, which is 0.0 then. Raises PredictionsError.
    """
    listed = note.get("checkpoints")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise PredictionsError(f"{FILE} has no list of checkpoints")
    if [each.get("step") for each in listed] != list(steps):
        raise PredictionsError(f"{FILE} does not have the checkpoints of the schedule, which are {_shown(steps)}")
    return [_checked(each) for each in listed]


def _checked(found: Mapping[str, Any]) -> Checkpoint:
    where = f"{FILE}, step {found['step']}"
    losses, measured = found.get("losses"), {"seconds": found.get("seconds"), "mem_gb": found.get("mem_gb", 0.0)}
    for name, value in measured.items():
        if not is_number(value) or value < 0:
            raise PredictionsError(f"{where}: {name} must be a finite number from 0")
    if not isinstance(losses, dict) or len(losses) > MOST_LOSSES or not all(map(_is_loss, losses.values())):
        raise PredictionsError(
            f"{where}: losses must be at most {MOST_LOSSES} numbers by name, or {', '.join(NO_NUMBER)}"
        )
    wrong = [name for name in losses if not LOSS_NAME.fullmatch(name) or name in TAKEN or ACCURACY.fullmatch(name)]
    if wrong:
        kept = "letters, digits and _.- but no name that records have already"
        raise PredictionsError(f"{where}: no loss can be called {ascii(wrong[0])[:70]}; take {kept}")
    numbers = {name: float(value) for name, value in measured.items()}
    return {"step": found["step"], "losses": {n: float(v) for n, v in losses.items()}, **numbers}


def _is_loss(value: object) -> bool:
    return is_number(value) or (isinstance(value, str) and value in NO_NUMBER)


def _shown(steps: Sequence[int]) -> str:
    return ", ".join(map(str, steps[:4])) + (f", ... {steps[-1]}" if len(steps) > 4 else "")
