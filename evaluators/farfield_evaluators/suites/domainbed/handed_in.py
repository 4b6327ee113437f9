"""Records of a sweep that was run elsewhere: a .zip of run folders as DomainBed writes them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farfield_evaluators.prose import Door
from farfield_evaluators.run_plan import Evidence, Json, Refusal
from farfield_evaluators.suites.domainbed import datasets, sweep
from farfield_evaluators.suites.domainbed.problems import NOT_A_ZIP, WRONG_BENCHMARK, WRONG_TIER, RecordsError

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark
    from farfield_evaluators.data.packs import Pack

_DOOR = Door(
    title="Upload the records of a sweep",
    about="The results.jsonl files of a sweep that you ran yourself. Its figures are marked as not run here.",
    label="Records",
    help="A .zip of the sweep's run folders, each with its results.jsonl, of one method in one whole tier.",
    hints=(
        (
            "Nothing is run here: the figures are computed from the records, and the board says *predictions, not run "
            "here*."
        ),
        (
            "The file is a .zip of the folder of a sweep: for each run a folder with its `results.jsonl`, "
            "as DomainBed's own sweep writes them, or as `farfield evaluate` does."
        ),
        (
            "It holds one algorithm on this data set, and every run of the tier, no more and no fewer. A line that was "
            "edited by hand or cut off is refused, and named."
        ),
        (
            "`farfield score domainbed --records FOLDER` reads the folder as this site will; `farfield "
            "submit --records FOLDER` sends it from the command line."
        ),
        (
            "There is no method to ask, so you say what it learned from. False claims are taken off the board, with "
            "the reason in their place."
        ),
    ),
)


@dataclass(frozen=True)
class Records:
    """A zip of run folders."""

    kind = "records"
    noun = "records of a sweep"
    suffix = ".zip"
    door = _DOOR
    hint = "`farfield score domainbed --records DIR` reads the folder in the same way."

    def fits(self, benchmark: "Benchmark") -> bool:
        return True

    def files(self, benchmark: "Benchmark") -> tuple[str, ...]:
        return ()

    def look_into(self, path: Path) -> dict[str, Any]:
        """Data set, algorithm, number of runs, and the tiers that they make up whole.

        Every line is read as strictly as `farfield score` does.
        """
        from farfield_evaluators.suites.domainbed.intake import look_into_records

        return look_into_records(path)

    def other(self, filename: str, sent_as: str) -> Refusal:
        text = f"{filename} holds no records; a sweep that was run elsewhere is a .zip of its run folders."
        return Refusal(code=NOT_A_ZIP, sentence=text, hint="`farfield submit --records DIR` makes it and sends it.")

    def refusal(self, benchmark: "Benchmark", tier: str, facts: Json, filename: str) -> Refusal | None:
        dataset = datasets.find(benchmark.name)
        if facts["dataset"] != dataset.name:
            text = f"{filename} holds records of {facts['dataset']}, not of {dataset.name}."
            return Refusal(code=WRONG_BENCHMARK, sentence=text)
        if tier in facts["tiers"]:
            return None
        wanted = sweep.run_count(dataset, sweep.tier(tier))
        fits = f"they are whole for: {', '.join(facts['tiers'])}" if facts["tiers"] else "they are whole for no tier"
        text = f"The tier {tier} is {wanted} runs of {dataset.name}; {filename} has {facts['runs']}, and {fits}."
        return Refusal(code=WRONG_TIER, sentence=text, field="tier")

    def read(self, path: Path, benchmark: "Benchmark", pack: "Pack", tier: str) -> Evidence:
        """The records, in the order of the tier's runs. Raises RecordsError."""
        from farfield_evaluators.suites.domainbed.intake import lines_of_upload

        return Evidence(lines=lines_of_upload(path, benchmark.name, tier))

    def packed(self, path: Path, benchmark: "Benchmark", tier: str) -> bytes:
        """The zip of a folder of records, which are one method's whole sweep in the tier. Raises RecordsError."""
        from farfield_evaluators.suites.domainbed.entries import check_entry
        from farfield_evaluators.suites.domainbed.folder import read_sweep
        from farfield_evaluators.suites.domainbed.packing import run_files
        from farfield_evaluators.zipping import zipped

        there = read_sweep(path, partial=True)
        if there.missing:
            raise RecordsError(there.missing)
        check_entry(there.records, datasets.find(benchmark.name), sweep.tier(tier))
        return b"".join(zipped(run_files(there.records)))


RECORDS = Records()
