"""Predictions that were made elsewhere, as one .npz file: a row for every test image, see docs/predictions.md."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farfield import families
from farfield_evaluators.prose import Door
from farfield_evaluators.run_plan import Evidence, FileRefused, Json, Refusal

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark
    from farfield_evaluators.data.packs import Pack

NOT_A_FILE = "predictions.not_a_file"
# How a zip begins, and how it ends when it has no comment: all that is looked at before a worker reads it.
_ZIP_START, _ZIP_END, _END_BYTES = b"PK\x03\x04", b"PK\x05\x06", 22
_DOOR = Door(
    title="Upload predictions",
    about="The outputs of a method that you ran yourself. They are scored here, and marked as not run here.",
    label="Predictions",
    help="A .npz file in the benchmark's format.",
    hints=(
        "Nothing is run here: the scores are computed from your file, and the board says *predictions, not run here*.",
        (
            "The file is a .npz in the benchmark's official format: `ids`, `logits` and, for OOD detection, "
            "`scores`; of regression `ids` and `values`; one row for each test image, finite numbers only, written "
            "with `numpy.savez`."
        ),
        (
            "`farfield data export {benchmark} FOLDER` writes the images and their ids; `farfield score "
            "{benchmark} FILE` reads your file as this site will."
        ),
        (
            "There is no method to ask, so you say what it learned from. False claims are taken off the board, with "
            "the reason in their place."
        ),
        "Time and memory are not measured, and there is one run, whatever the benchmark's number of trials.",
    ),
)


@dataclass(frozen=True)
class Npz:
    """A file of predictions. See `run_plan.HandedIn`."""

    kind = "predictions"
    noun = "predictions"
    suffix = ".npz"
    hint = "The benchmark's page names the arrays it must hold."
    door = _DOOR

    def fits(self, benchmark: "Benchmark") -> bool:
        """Whether every array has a row for each image: of detection an image has any number of boxes."""
        count = 2
        rules = families.of(benchmark.family).outputs(benchmark.size(examples=count, classes=count)).values()
        return all(not rule.counts and rule.shape[0] == count for rule in rules)

    def files(self, benchmark: "Benchmark") -> tuple[str, ...]:
        return ()

    def look_into(self, path: Path) -> dict[str, Any]:
        """That it may be a .npz at all. A worker reads it under the benchmark's rules, apart from the site."""
        with path.open("rb") as file:
            start, size = file.read(len(_ZIP_START)), file.seek(0, 2)
            file.seek(max(0, size - _END_BYTES))
            end = file.read(len(_ZIP_END))
        if start != _ZIP_START or end != _ZIP_END:
            refused = FileRefused("This is not a .npz file. Write it with numpy.savez or numpy.savez_compressed.")
            refused.code = NOT_A_FILE
            raise refused
        return {}

    def other(self, filename: str, sent_as: str) -> Refusal:
        text = f"{filename} was sent as {sent_as}; predictions on this benchmark are a .npz file."
        hint = "The same content may be sent again under a name that says what it is."
        return Refusal(code=NOT_A_FILE, sentence=text, hint=hint)

    def refusal(self, benchmark: "Benchmark", tier: str, facts: Json, filename: str) -> Refusal | None:
        return None

    def read(self, path: Path, benchmark: "Benchmark", pack: "Pack", tier: str) -> Evidence:
        """What they give, the same as a run with these outputs. Raises PredictionsError."""
        from farfield_evaluators.predictions import judge_predictions

        return judge_predictions(benchmark, pack, path)

    def packed(self, path: Path, benchmark: "Benchmark", tier: str) -> bytes:
        self.look_into(path)
        return path.read_bytes()


NPZ = Npz()
