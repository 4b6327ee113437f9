"""A folder of predictions handed in: a zip of WILDS' own files, with all splits and all replicates of a data set."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from farfield_evaluators.prose import Door
from farfield_evaluators.run_plan import Evidence, Json, Refusal
from farfield_evaluators.suites.wilds.datasets import DATASETS, Dataset
from farfield_evaluators.suites.wilds.submission import NOT_A_ZIP, WRONG_BENCHMARK, cells_of

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark
    from farfield_evaluators.data.packs import Pack

_DOOR = Door(
    title="Upload a folder of predictions",
    about="WILDS' own files of predictions of a method that you ran yourself. They are scored here, not run here.",
    label="Predictions",
    help="A .zip of the official files, of every split but train and of every replicate.",
    hints=(
        "Nothing is run here: your files are scored, and the board says *predictions, not run here*.",
        (
            "The file is a .zip of the folder that WILDS' own evaluation takes: `{dataset}_split:{split}_seed:{k}.csv` "
            "or `..._fold:{X}.csv`, a line for each example, in the order of the data set. The names of all of them "
            "stand below; what a training adds to a name, such as `_epoch:best_pred`, may stay."
        ),
        (
            "It holds every split but train, and every replicate that the data set requires. What is missing, there "
            "twice, or too short is named with its split and replicate, and nothing is published."
        ),
        (
            "`farfield score wilds` scores the folder at home, against your copy of the release; `farfield submit "
            "--predictions FOLDER` packs and sends it."
        ),
        (
            "There is no method to ask, so you say what it learned from. False claims are taken off the board, with "
            "the reason in their place."
        ),
    ),
)


@dataclass(frozen=True)
class PredictionFolder:
    """A zip of a folder as WILDS takes it. See `run_plan.HandedIn`."""

    kind = "wilds-predictions"
    noun = "a folder of WILDS predictions"
    suffix = ".zip"
    door = _DOOR
    hint = "`farfield score wilds --dataset NAME --root DIR --predictions DIR` reads the folder in the same way."

    def fits(self, benchmark: "Benchmark") -> bool:
        return True

    def files(self, benchmark: "Benchmark") -> tuple[str, ...]:
        """The shortest official name of each; boxes come as lines of numbers too, which `farfield submit` makes."""
        dataset = dataset_of(benchmark)
        return tuple(cell.file(dataset) for cell in cells_of(dataset))

    def look_into(self, path: Path) -> dict[str, Any]:
        """Data set and number of files, all of which are there and hold nothing but numbers."""
        from farfield_evaluators.suites.wilds.archive import look_into_folder

        return look_into_folder(path)

    def other(self, filename: str, sent_as: str) -> Refusal:
        text = f"{filename} was sent as {sent_as}; predictions on WILDS are a .zip of its own files."
        return Refusal(code=NOT_A_ZIP, sentence=text, hint="`farfield submit --predictions DIR` makes and sends it.")

    def refusal(self, benchmark: "Benchmark", tier: str, facts: Json, filename: str) -> Refusal | None:
        wanted = dataset_of(benchmark)
        if facts["dataset"] == wanted.name:
            return None
        text = f"{filename} holds predictions of {facts['dataset']}, not of {wanted.name}."
        return Refusal(code=WRONG_BENCHMARK, sentence=text)

    def read(self, path: Path, benchmark: "Benchmark", pack: "Pack", tier: str) -> Evidence:
        """The figures of every replicate, as lines. Raises FolderError."""
        from farfield_evaluators.suites.wilds.from_folder import evidence_of

        with TemporaryDirectory(prefix="farfield-wilds-") as folder:
            return evidence_of(path, benchmark, pack, Path(folder))

    def packed(self, path: Path, benchmark: "Benchmark", tier: str) -> bytes:
        """The zip of a folder, in which nothing is missing. Raises FolderError with every problem."""
        from farfield_evaluators.suites.wilds.packing import packed_folder

        return packed_folder(dataset_of(benchmark), path)


FOLDER = PredictionFolder()


def dataset_of(benchmark: "Benchmark") -> Dataset:
    """The data set that a benchmark of this suite is about, with unlabeled data or without."""
    name = benchmark.name.removeprefix("wilds/").removesuffix("-unlabeled")
    return next(dataset for dataset in DATASETS.values() if dataset.variant == name)
