"""Every deed of an operator as a command, and what there is to see."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from farfield_web.errors import UserError
from farfield_web.operations import audit, overview
from farfield_web.operations.deeds.base import Deed, Kind
from farfield_web.operations.deeds.perform import DEEDS, perform

SHOWN = 50
SHOW = {
    "queues": "what waits, by resource",
    "workers": "who is there, and what they do",
    "data": "which benchmarks have data, and where",
    "storage": "who and what takes how much room",
    "audit": "what was done, newest first",
}


class Command(BaseCommand):
    """`manage.py operate DEED ...` does what the pages below /operate/ do; `manage.py operate show WHAT` looks."""

    help = "Do what operators do: the same deeds as on the pages below /operate/, recorded in the same audit log."

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED", parser_class=CommandParser)
        for deed in DEEDS.values():
            _add_deed(deeds.add_parser(deed.name, help=deed.about, description=deed.about), deed)
        show = deeds.add_parser("show", help="look, without changing anything")
        show.add_argument("what", choices=SHOW, help="; ".join(f"{name}: {about}" for name, about in SHOW.items()))
        show.add_argument("words", nargs="*", help="for audit: words that the line has")

    def handle(self, *args: Any, **options: Any) -> str:
        name = options["deed"]
        if name == "show":
            return "\n".join(_SHOWN[options["what"]](" ".join(options["words"]))) or "nothing"
        given = {field.name: options[field.name] for field in DEEDS[name].fields if options[field.name] is not None}
        try:
            return perform(None, name, given, role=options["role"])
        except UserError as error:
            raise CommandError(f"{error.message} {error.hint or ''}".strip()) from error


def _add_deed(parser: CommandParser, deed: Deed) -> None:
    for field in deed.fields:
        if field.kind is Kind.FLAG:
            parser.add_argument(f"--{field.name}", action="store_true", help=field.help)
        elif field.required and field.name != "reason":
            parser.add_argument(field.name, help=field.help)
        else:
            parser.add_argument(f"--{field.name}", required=field.required, help=field.help)
    parser.add_argument("--role", default=audit.OPERATOR, help="as whom you do it (default: operator)")


def _queues(_: str) -> list[str]:
    return [
        f"{queue.resource}: {queue.waits} waiting, {queue.under_way} under way"
        + (f", the oldest since {queue.oldest:%Y-%m-%d %H:%M}" if queue.oldest else "")
        for queue in overview.queues()
    ]


def _workers(_: str) -> list[str]:
    return [
        f"{worker.name}: {worker.state}, {worker.resource}, {worker.runs} runs, seen {worker.seen_at:%Y-%m-%d %H:%M}"
        + (f"; {worker.drained}" if worker.drained else "")
        for worker in overview.worker_states()
    ]


def _data(_: str) -> list[str]:
    return [
        f"{state.name} {state.version}: {', '.join(state.workers) or 'on no worker'}; {state.waits} runs waiting"
        for state in overview.benchmark_states()
    ]


def _storage(_: str) -> list[str]:
    taken = [*overview.stored_by_kind(), *overview.stored_by_person()]
    return [f"{one.name}: {one.count}, {one.size / 2**20:.1f} MiB" for one in taken]


def _audit(words: str) -> list[str]:
    return [
        f"{line.at:%Y-%m-%d %H:%M:%S} {line.actor or audit.COMMAND_LINE} ({line.role}): {line.verb} {line.what}"
        + (f": {line.reason}" if line.reason else "")
        for line in audit.lines(words)[:SHOWN]
    ]


_SHOWN = {"queues": _queues, "workers": _workers, "data": _data, "storage": _storage, "audit": _audit}
