"""An entry as an RO-Crate 1.1 of the profile Process Run Crate 0.5: a zip that archives of data take as it is.

The crate says what was run, by whom, with which settings and when, and holds files that say what came of it: nothing
that the entry's page does not lead to, and no more of whose the entry is than that page tells everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from farfield_web.entries.names import ANONYMOUS, shown_author, shown_team
from farfield_web.exports.finished import Finished
from farfield_web.submissions.models import Submission

RO_CRATE = "1.1"  # which the profile is of
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
COMPLETED = "http://schema.org/CompletedActionStatus"


@dataclass(frozen=True, kw_only=True)
class CrateFile:
    """A file of the crate. `used`: it was there before the evaluation; the others came of it."""

    path: str
    title: str
    media_type: str
    content: bytes
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class Tool:
    """What the evaluation was done with: the method, or Farfield where results made elsewhere were scored."""

    name: str
    version: str
    address: str


def as_crate(done: Finished, page: str, tool: Tool, files: Sequence[CrateFile], now: datetime) -> bytes:
    """The zip, with `ro-crate-metadata.json` and these files; `page` is the entry's, `now` when this is made."""
    crate, benchmark = ROCrate(version=RO_CRATE), done.benchmark
    crate.name = f"{done.entry.submission.display_name} on {benchmark.title}"
    crate.description = f"An entry of {benchmark.name}, version {benchmark.version}: its figures and how they were had."
    crate.datePublished = now
    crate.license = _added(crate, "#licence", "CreativeWork", name="Licence", description=benchmark.licence)
    crate.root_dataset["url"] = page
    crate.root_dataset["conformsTo"] = _added(
        crate, PROFILE, "CreativeWork", name="Process Run Crate", version=PROFILE.rpartition("/")[2]
    )
    site = _added(crate, settings.SITE_URL, "Organization", name="Farfield", url=settings.SITE_URL)
    crate.publisher = site
    _name_author(crate, done.entry.submission)
    parts = [(file, crate.add_file(BytesIO(file.content), file.path, properties=_said(file))) for file in files]
    action = crate.add_action(
        _added(
            crate, tool.address, "SoftwareApplication", name=tool.name, url=tool.address, softwareVersion=tool.version
        ),
        "#evaluation",
        object=_one_or_all([part for file, part in parts if file.used]),
        result=_one_or_all([part for file, part in parts if not file.used]),
        properties=_action(done),
    )
    action["agent"] = site
    crate.root_dataset["mentions"] = action
    return b"".join(crate.stream_zip())


def _name_author(crate: ROCrate, submission: Submission) -> None:
    """Who entered it, as everybody is told; an anonymous entry names nobody."""
    author, team = shown_author(submission), shown_team(submission)
    if author == ANONYMOUS:
        return
    of = {"affiliation": _added(crate, "#team", "Organization", name=team)} if team else {}
    crate.root_dataset["author"] = _added(crate, "#author", "Person", name=author, **of)


def _one_or_all(parts: list[Any]) -> Any:
    """As JSON-LD has it: one alone is no list."""
    return parts[0] if len(parts) == 1 else parts


def _action(done: Finished) -> dict[str, Any]:
    how = "Run by the site" if done.entry.verified else "Predictions made elsewhere, scored by the site"
    began = {"startTime": done.began.isoformat(timespec="seconds")} if done.began else {}
    return {
        "@type": "CreateAction",
        "name": f"Evaluation on {done.benchmark.title}",
        "description": f"{how}; runs: {done.entry.progress.succeeded}; comparability key: {done.key}.",
        "actionStatus": COMPLETED,
        "endTime": done.ended.isoformat(timespec="seconds"),
        **began,
    }


def _said(file: CrateFile) -> dict[str, str]:
    return {"name": file.title, "encodingFormat": file.media_type, "contentSize": str(len(file.content))}


def _added(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> ContextEntity:
    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **properties}))
