"""Uploaded records of a sweep: zips of DomainBed's results.jsonl."""

import json
from pathlib import Path
from random import Random

from tests.suites.domainbed.sweeps import vlcs

from farfield_evaluators.suites.domainbed.intake import lines_of_upload, look_into_records
from farfield_evaluators.suites.domainbed.problems import RecordsError
from farfield_evaluators.suites.domainbed.records import to_line
from fuzz import archives, mutate, nonsense
from fuzz.case import Case, refused

RUNS = 3


class Records:
    """Records are looked into by the site, and read as an entry by a worker."""

    name = "records"
    seconds = 200.0

    def make(self, rng: Random) -> Case:
        lines = [to_line(record) for record in vlcs()[:12]]
        members: dict[str, bytes] = {}
        for run in range(RUNS):
            chosen = [_line(rng, line) if rng.random() < 0.2 else line for line in lines[run * 4 : run * 4 + 4]]
            members[f"{run}/results.jsonl"] = "\n".join(chosen).encode(errors="surrogatepass") + b"\n"
            members[f"{run}/done"] = b"done"
        return Case(files={"sent.zip": archives.zipped(rng, members)})

    def run(self, case: Case, folder: Path) -> str:
        said = []
        for read in (look_into_records, lambda path: lines_of_upload(path, "domainbed/vlcs", "smoke")):
            try:
                read(folder / "sent.zip")
                said.append("read")
            except RecordsError as error:
                said += [refused(problem.code) for problem in error.problems][:1]
        return " ".join(said)


def _line(rng: Random, line: str) -> str:
    kind = rng.randrange(5)
    if kind == 0:
        return nonsense.json_text(rng)
    if kind == 1:
        return line[:-1] + "".join(f', "k{n}": {n}' for n in range(rng.choice((3, 40_000)))) + ', "k1": 2}'
    if kind == 2:
        return line.replace("0.", rng.choice(("1e999", "-0.", "NaN", "9" * 5000)), 1)
    return json.dumps(mutate.document(rng, json.loads(line)))
