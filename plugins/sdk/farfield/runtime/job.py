"""The boundary between platform and runner: a folder of data going in, a folder of data coming out.

In:  job.json, test/{images.bin,spans.npy} or test/features.npy, and the same under train/ with labels.npy,
     domains.npy and, for regression, targets.npy; so under val/, target/, target_val/ and forget/, and under
     unlabeled/ and ood_val/ with domains.npy alone. Of few-shot classification it is the same under base/. Of few-shot
     detection under base/ and support/, and of detection in place of the above, are images with boxes.npy,
     boxes-rows.npy, box-labels.npy and domains.npy; where masks are asked for also masks.npy and mask-runs.npy, their
     run lengths. No label of a test example, no file name, no order that could tell one. For a transductive method of
     domain generalisation also test/groups.npy, the number of the environment's split that each input is of.
     Under base-model/ is what the method itself saved in its base phase; there is no base/ then.
Out: result.json or error.json, progress.json, and the arrays of the family (its `outputs` in `farfield.families`), as
     .npy without pickles; curve.json with the points of a method's curve, if it has one, and the logits at each (see
     `curve_file`); of a base phase, base/ with what the method saved.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from farfield.config import JsonObject
from farfield.errors import JobError, reason
from farfield.packaging import plain

# 2: test inputs are not in test/, but are given when they are asked for (see `exchange.py`).
FOLDER, STREAMED = 1, 2
FORMATS = (FOLDER, STREAMED)
KINDS = ("method", "features", "texts", "inspect", "generalize", "phases", "base")
SCHEDULE = ("steps", "checkpoint_every", "batch")
BALANCED = "class_balanced"
MAX_JSON_BYTES = 16 * 2**20
CURVE = "curve.json"
# Left out when empty: an image may hold an older runner.
LATER = ("texts", "room", "novel_classes", "target_names", "prompt_templates", "captions", "masks", "detections")

TUPLES = ("novel_classes", "target_names", "prompt_templates", "captions")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run, as the runner sees it. `plugin` is an entry point's name, `name` a method's.

    `kind="features"` computes the features of the backbone `name` with the settings in `config`, `kind="texts"` the
    embeddings of the prompts in prompts.json. `kind="inspect"`
    describes and tests what the distribution `plugin` brings; `name` may be empty when that is one method.
    `kind="generalize"` trains by DomainBed's contract on train/ and predicts test/ at every checkpoint, by the
    `schedule`: steps, checkpoint_every and batch, and class_balanced where it is wanted. A run of few-shot
    classification has the shape of its episodes in there: way, shots and queries, and others where there are queries of
    other classes; one of data selection has `most`, how many examples are chosen at most. `kind="phases"` says in the
    result how the method takes its base phase, and has no data; `kind="base"` is that phase: it learns from base/ and
    saves. Both are built as the run itself is.
    `room` is how many bytes the states of a method at its checkpoints may take, 0 where they cannot be kept.
    `curve` is how many points of a method's curve there is room for. `texts` are settings as somebody wrote them, on
    top of `config`, for an inspection where nobody knows their types before. `masks` says that detections are asked
    for with masks, `detections` how many count of one image, 0 for the usual number. `captions` are what a method of
    retrieval is to embed besides the test images.
    """

    plugin: str
    name: str
    kind: str = "method"
    config: JsonObject = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    device: str = "cpu"
    class_names: tuple[str, ...] = ()
    class_synsets: tuple[tuple[str, ...], ...] = ()
    domain_names: tuple[str, ...] = ()
    novel_classes: tuple[int, ...] = ()
    target_names: tuple[str, ...] = ()
    prompt_templates: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    masks: bool = False
    detections: int = 0
    threads: int = 2
    probe: bool = False
    curve: int = 0
    schedule: Mapping[str, int] = field(default_factory=dict)
    room: int = 0
    format: int = FOLDER

    def write(self, folder: Path) -> None:
        """Without what is in LATER and empty."""
        values = asdict(self)
        write_json(folder / "job.json", {k: v for k, v in values.items() if k not in LATER or v})

    @classmethod
    def read(cls, folder: Path) -> "Job":
        """Raises JobError for a missing, unreadable or foreign job file."""
        values = read_json(folder / "job.json")
        if values.get("format") not in FORMATS:
            reads = f"this runner reads the formats {' and '.join(map(str, FORMATS))}"
            raise JobError(f"job.json has format {values.get('format')!r}; {reads}; upgrade the farfield that runs it")
        try:
            values["class_synsets"] = tuple(tuple(s) for s in values["class_synsets"])
            values |= {key: tuple(values[key]) for key in ("class_names", "domain_names")}
            values |= {key: tuple(values.get(key, ())) for key in TUPLES}
            job = cls(**values)
        except (KeyError, TypeError) as error:
            raise JobError(f"job.json has missing or unknown entries: {error}") from error
        if job.kind not in KINDS:
            raise JobError(f"job.json has the kind {job.kind!r}; this runner knows {' and '.join(KINDS)}")
        if job.kind == "generalize" and not _is_schedule(job.schedule):
            raise JobError(f"job.json has the schedule {job.schedule!r}; it must have {', '.join(SCHEDULE)}, from 1")
        return job


def curve_file(number: int) -> str:
    """The name of the file with the logits at a point of the curve, counted from 0.

    >>> curve_file(3)
    'curve-03.npy'
    """
    return f"curve-{number:02}.npy"


def _is_schedule(value: object) -> bool:
    if not isinstance(value, dict) or set(value) - {BALANCED} != set(SCHEDULE):
        return False
    numbers = [value[name] for name in SCHEDULE]
    whole = all(isinstance(v, int) and not isinstance(v, bool) and v >= 1 for v in numbers)
    return whole and isinstance(value.get(BALANCED, False), bool)


def as_json(value: float) -> float | str:
    """A number as JSON has it: its name where it is none.

    >>> as_json(1.5), as_json(float("nan")), as_json(float("-inf"))
    (1.5, 'nan', '-inf')
    """
    return value if math.isfinite(value) else str(float(value))


def write_json(path: Path, value: Any) -> None:
    """Write atomically: a reader sees the old file or the new one, never half of one.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    draft = path.with_name(path.name + ".part")
    draft.write_text(json.dumps(value, sort_keys=True, allow_nan=False), encoding="utf-8")
    draft.replace(path)


def read_json(path: Path) -> JsonObject:
    """Raises JobError for a file that is missing, too long, not JSON, or not an object."""
    try:
        with path.open("rb") as opened:
            text = opened.read(MAX_JSON_BYTES + 1)
        if len(text) > MAX_JSON_BYTES:
            raise JobError(f"{path.name} is longer than {MAX_JSON_BYTES} bytes")
        value = plain.read_json(text.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise JobError(f"{path.name} cannot be read: {reason(error)}") from error
    if not isinstance(value, dict):
        raise JobError(f"{path.name} must hold a JSON object")
    return value
