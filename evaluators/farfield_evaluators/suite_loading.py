"""Suites from entry points: each is looked at before it counts, and one that cannot be used harms no other.

Loading runs code of what the operator installed, so nothing here is a boundary against malice. It is one against
mistakes: whatever a suite raises, exits or mistakes ends as a `RefusedSuite` with a name, a reason and a remedy.
"""

import argparse
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TypeVar

from farfield.packaging.plain import visible
from farfield_evaluators.suite import DataCommand, Importer, OwnImporter, ScoreCommand, Suite
from farfield_evaluators.suite_checks import importers_problem, problem_of, runs_problem
from farfield_evaluators.suite_identity import SuiteIdentity, digest_of

OURS = "farfield-platform"
LONGEST_REASON = 400
_CORE = Path(__file__).parent
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class InstalledSuite:
    """A suite that can be used, and who it is."""

    suite: Suite
    identity: SuiteIdentity


@dataclass(frozen=True, kw_only=True)
class RefusedSuite:
    """A suite, or a part of one, that is installed and cannot be used: its name, its distribution, why, what to do.

    `part` says what of it is left out, such as "the importers of"; empty for all of it.
    """

    name: str
    distribution: str
    version: str
    reason: str
    remedy: str
    part: str = ""

    def __str__(self) -> str:
        whole = f"suite {self.name!r} of {self.distribution} {self.version}".rstrip()
        return f"{self.part} {whole}: {self.reason}; {self.remedy}".lstrip()

    def as_json(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("name", "distribution", "version")} | {"reason": str(self)}


class Unusable(Exception):
    """Why something of a suite cannot be used, and what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = visible(reason, LONGEST_REASON)
        self.remedy = remedy


def load(points: Iterable[EntryPoint]) -> tuple[tuple[InstalledSuite, ...], tuple[RefusedSuite, ...]]:
    """What can be used, in the order of lists, and what cannot.

    Of two that have something in common ours stays, then the one whose distribution comes first in the alphabet.
    """
    taken: list[InstalledSuite] = []
    refused: list[RefusedSuite] = []
    for point in sorted(points, key=_precedence):
        try:
            taken.append(_installed(point, taken))
        except Unusable as error:
            distribution, version = _origin(point)
            told = {"name": point.name, "distribution": distribution, "version": version}
            refused.append(RefusedSuite(**told, reason=error.reason, remedy=error.remedy))
    taken.sort(key=lambda each: (each.suite.place, each.suite.name))
    return tuple(taken), tuple(refused)


@dataclass(frozen=True, kw_only=True)
class Importing:
    """The importers of all suites by their names, and those that cannot be used."""

    importers: dict[str, Importer | OwnImporter]
    refused: tuple[RefusedSuite, ...] = ()


def importers_of(suites: Sequence[InstalledSuite]) -> Importing:
    """Asked for apart: the site, which reads the rest of a suite, need not have what decodes images."""
    owners: dict[str, SuiteIdentity] = {}
    importers: dict[str, dict[str, Importer | OwnImporter]] = {each.suite.name: {} for each in suites}
    refused: list[RefusedSuite] = []
    for each in sorted(suites, key=lambda each: _rank(each.identity.distribution, each.identity.name)):
        try:
            own = _importers(each, owners)
        except Unusable as error:
            refused.append(_refused_part("the importers of", each.identity, error))
            continue
        owners |= dict.fromkeys(own, each.identity)
        importers[each.suite.name] = own
    return Importing(importers={n: i for each in importers.values() for n, i in each.items()}, refused=tuple(refused))


def score_commands_of(
    suites: Sequence[InstalledSuite], parser: argparse.ArgumentParser
) -> tuple[dict[str, ScoreCommand], tuple[RefusedSuite, ...]]:
    """What suites add to `farfield score`, by name, their options added to its parser; and those that cannot be."""
    return _commands_of(suites, lambda suite: _score_command(suite, parser))


def data_commands_of(
    suites: Sequence[InstalledSuite], actions: "argparse._SubParsersAction[argparse.ArgumentParser]"
) -> tuple[dict[str, DataCommand], tuple[RefusedSuite, ...]]:
    """What suites add to `farfield data`, by name, each with a parser of its own; and those that cannot be added."""
    return _commands_of(suites, lambda suite: _data_commands(suite, actions))


def _commands_of(
    suites: Sequence[InstalledSuite], add: Callable[[Suite], dict[str, T]]
) -> tuple[dict[str, T], tuple[RefusedSuite, ...]]:
    commands: dict[str, T] = {}
    refused: list[RefusedSuite] = []
    for each in suites:
        mend = f"upgrade {each.identity.distribution}"
        try:
            added = guarded("adding it", mend, partial(add, each.suite))
        except Unusable as error:
            refused.append(_refused_part("the command of", each.identity, error))
        else:
            commands = {**added, **commands}
    return commands, tuple(refused)


def guarded(doing: str, remedy: str, call: Callable[[], T]) -> T:
    """What `call` returns. Raises Unusable when it raises or exits; only an interrupt from the keyboard passes."""
    try:
        return call()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: a plugin must not end the process that looks at it
        raise Unusable(f"{doing} raised {_said(error)}", remedy) from error


def _installed(point: EntryPoint, taken: Sequence[InstalledSuite]) -> InstalledSuite:
    distribution, version = _origin(point)
    mend = f"upgrade {distribution}, or uninstall it"
    suite = guarded(f"importing {point.value}", mend, point.load)
    problem = guarded("looking at it", mend, lambda: problem_of(suite, point.name))
    if not problem and distribution != OURS:  # ours make thousands, which tests look at
        problem = guarded("making its runs", mend, lambda: runs_problem(suite))
    if problem:
        raise Unusable(problem, mend)
    digest = guarded("telling its protocol", mend, lambda: digest_of(suite))
    check_alone(suite, distribution, taken)
    identity = SuiteIdentity(name=point.name, distribution=distribution, version=version, digest=digest)
    return InstalledSuite(suite=suite, identity=identity)


def check_alone(suite: Suite, distribution: str, taken: Sequence[InstalledSuite]) -> None:
    """Raises Unusable when a suite that was taken before has its name or a benchmark's."""
    names = {benchmark.name for benchmark in suite.benchmarks}
    for other in taken:
        remedy = f"uninstall {distribution} or {other.identity.distribution}, or have one of them rename its own"
        if other.suite.name == suite.name:
            raise Unusable(f"{other.identity.distribution} has a suite of that name", remedy)
        shared = sorted(names & {benchmark.name for benchmark in other.suite.benchmarks})
        if shared:
            raise Unusable(f"the suite {other.identity} has a benchmark {shared[0]!r} too", remedy)


def _importers(each: InstalledSuite, owners: dict[str, SuiteIdentity]) -> dict[str, Importer | OwnImporter]:
    mend = f"upgrade {each.identity.distribution}, or install what it needs"
    given = guarded("asking for them", mend, lambda: tuple(each.suite.importers()))
    problem = guarded("looking at them", mend, lambda: importers_problem(given))
    if problem:
        raise Unusable(problem, mend)
    shared = next((importer.name for importer in given if importer.name in owners), None)
    if shared is not None:
        other = owners[shared]
        remedy = f"uninstall {each.identity.distribution} or {other.distribution}, or have one of them rename its own"
        raise Unusable(f"the suite {other} imports a pack {shared!r} too", remedy)
    return {importer.name: importer for importer in given}


def _score_command(suite: Suite, parser: argparse.ArgumentParser) -> dict[str, ScoreCommand]:
    if suite.score_command is None:
        return {}
    command = suite.score_command()
    command.add_options(parser)
    return {command.NAME: command}


def _data_commands(
    suite: Suite, actions: "argparse._SubParsersAction[argparse.ArgumentParser]"
) -> dict[str, DataCommand]:
    commands = {command.NAME: command for command in suite.data_commands()}
    for name, command in commands.items():
        parser = actions.add_parser(name, help=command.HELP)
        parser.set_defaults(run=command.run)
        command.add_options(parser)
    return commands


def _refused_part(part: str, identity: SuiteIdentity, error: Unusable) -> RefusedSuite:
    who = {field: getattr(identity, field) for field in ("name", "distribution", "version")}
    return RefusedSuite(**who, reason=error.reason, remedy=error.remedy, part=part)


def _precedence(point: EntryPoint) -> tuple[bool, str, str, str]:
    return (*_rank(_origin(point)[0], point.name), point.value)


def _rank(distribution: str, name: str) -> tuple[bool, str, str]:
    return (distribution != OURS, distribution.lower(), name)


def _origin(point: EntryPoint) -> tuple[str, str]:
    """(distribution, version) that brings it; metadata that were damaged since have neither."""
    if point.dist is None:
        return "an unknown distribution", ""
    named = point.dist.metadata
    return str(named["Name"] or "an unnamed distribution"), str(named["Version"] or "")


def _said(error: BaseException) -> str:
    """Its kind, its words, and the innermost line of the plugin's that led to it; its words may fail themselves."""
    try:
        words = " ".join(str(error).split())
    except Exception:
        words = "(its message cannot be read)"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith("<")]
    theirs = [f for f in frames if not Path(f.filename).is_relative_to(_CORE)]
    last = next(reversed(theirs or frames), None)
    place = f" (line {last.lineno} of {'/'.join(last.filename.rsplit('/', 2)[-2:])})" if last else ""
    return f"{type(error).__name__}: {words[: LONGEST_REASON // 2]}{place}"
