"""What a worker reads after a run: files that were written beside submitted code."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np

from farfield import FarfieldError
from farfield.method import TaskFamily
from farfield_evaluators.suites.domainbed.checkpoints import FILE, MOST_BYTES, checkpoints_in
from farfield_workers.execution import read_progress
from farfield_workers.failures import RunFailure, _reported
from farfield_workers.probes import probed
from farfield_workers.untrusted import load_array, read_json_object
from fuzz import mutate, nonsense
from fuzz.case import Case, refused
from fuzz.targets.predictions import npy

COUNT, CLASSES = 40, 6
STEPS = (0, 100, 200)
DESCRIPTION = {"batch_size": 8, "transductive": False, "stochastic": False, "family": TaskFamily.CLASSIFICATION.value}
CHECKPOINT = {"losses": {"loss": 0.5}, "seconds": 0.1, "mem_gb": 0.2}
DOCUMENTS = {
    "checkpoints.json": {"checkpoints": [{"step": step, **CHECKPOINT} for step in STEPS]},
    "progress.json": {"phase": "fit", "done": 3, "total": 7},
    "error.json": {"code": "plugin.raised", "message": "ValueError: no"},
    "result.json": {"method": "toy", "seconds": {"fit": 1.0}},
}
ARRAYS = ("logits.npy", "repeat.npy", "reordered.npy")


class Readers:
    """Every reader is shown the folder that a run left."""

    name = "readers"
    seconds = 30.0

    def make(self, rng: Random) -> Case:
        files = {name: _document(rng, values) for name, values in DOCUMENTS.items()}
        files |= {name: npy(rng, np.full((COUNT, CLASSES), rng.choice(nonsense.FLOATS))) for name in ARRAYS}
        if rng.random() < 0.2:
            name = rng.choice(list(files))
            files[name] = mutate.damaged(rng, files[name])
        return Case(files={name: data for name, data in files.items() if rng.random() < 0.95})

    def run(self, case: Case, folder: Path) -> str:
        return " ".join(_said(reader, folder) for reader in READERS)


def _document(rng: Random, values: object) -> bytes:
    text = nonsense.json_text(rng) if rng.random() < 0.2 else json.dumps(mutate.document(rng, values))
    return text.encode(errors="surrogatepass")


def _said(reader: Callable[[Path], object], folder: Path) -> str:
    try:
        reader(folder)
    except FarfieldError as error:
        return refused(error.code)
    return "read"


def _probed(folder: Path) -> object:
    return probed(folder, {"logits": load_array(folder / "logits.npy", (COUNT, CLASSES))}, DESCRIPTION)


def _failure(folder: Path) -> RunFailure:
    failure = _reported(folder)
    if failure.code != "platform.bad_job":  # a runner's own word for a job that it cannot do; it is never tried again
        refused(failure.code)
    return failure


READERS: tuple[Callable[[Path], object], ...] = (
    lambda folder: read_json_object(folder / "result.json"),
    read_progress,
    lambda folder: checkpoints_in(read_json_object(folder / FILE, MOST_BYTES), STEPS),
    _probed,
    _failure,
)
