"""What a deed is: its name, what it asks for, and the function that does it."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_web import storable
from farfield_web.accounts.models import User
from farfield_web.errors import UserError
from farfield_web.runs.models import Run
from farfield_web.submissions.models import Submission
from farfield_web.words import capitalised

LONGEST = 500
# PostgreSQL's integer.
LOWEST, HIGHEST = -(2**31), 2**31 - 1


class OperateError(UserError):
    """Why a deed of an operator is not done."""


class Kind(StrEnum):
    """What a deed's field holds, as text on its way in."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    PERSON = "person"
    SUBMISSION = "submission"
    ENTERED = "submission or run"
    BENCHMARK = "benchmark"


@dataclass(frozen=True, kw_only=True)
class Field:
    """Something that a deed asks for. A text may have `longest` characters, in one line."""

    name: str
    help: str
    kind: Kind = Kind.TEXT
    required: bool = True
    longest: int = LONGEST


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of it: a sentence for who did it, the thing it was done to, and facts for the audit log."""

    said: str
    what: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A submission, or one run of it."""

    submission: Submission
    run: Run | None = None

    @property
    def what(self) -> str:
        return f"run {self.run.pk}" if self.run else f"submission {self.submission.pk}"


Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Deed:
    """`do` gets the values of `fields`, read, within a transaction. Raises UserError where it cannot be done.

    `public` says that everybody can read the reason; `danger`, that a page asks with a button that warns.
    """

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    do: Callable[[Values], Done]
    public: bool = False
    danger: bool = False

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the fields. Raises OperateError with the field at fault, also for one that is not known."""
        unknown = next((name for name in given if name not in {one.name for one in self.fields}), None)
        if unknown is not None:
            raise OperateError("request.unknown_key", f"{self.title} has no field {unknown[:100]!r}.", unknown[:100])
        return {one.name: _value(one, given.get(one.name)) for one in self.fields}


REASON = Field(name="reason", help="Why, in a sentence or two.")
PUBLIC_REASON = Field(name="reason", help="Why, in a sentence or two. Everybody can read it.")


def _value(asked: Field, given: Any) -> Any:
    if asked.kind is Kind.FLAG:
        return given is True or str(given or "").lower() in {"1", "on", "yes", "true"}
    text = _text(asked, given)
    if not text:
        if asked.required:
            raise OperateError("operate.missing", f"{capitalised(_plain(asked))} is needed.", asked.name, asked.help)
        return None if asked.kind is not Kind.TEXT else ""
    return _READERS[asked.kind](asked, text)


def _text(asked: Field, given: Any) -> str:
    text = "" if given is None else str(given).strip()
    if len(text) > asked.longest:
        most = f"may have {asked.longest} characters"
        raise OperateError("operate.too_long", f"{capitalised(_plain(asked))} {most}.", asked.name)
    if not text.isprintable() or not storable.is_text(text):
        raise OperateError("operate.not_text", f"{capitalised(_plain(asked))} must be one line of text.", asked.name)
    return text


def _plain(asked: Field) -> str:
    return f"the {asked.name.replace('_', ' ')}"


def _number(asked: Field, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = HIGHEST + 1
    if not LOWEST <= number <= HIGHEST:
        raise OperateError("operate.not_a_number", f"{text[:40]!r} is no whole number that can be kept.", asked.name)
    return number


def _person(asked: Field, text: str) -> User:
    person = User.objects.filter(username=text).first()
    if person is None:
        raise _unknown(asked, f"There is no person called {text[:100]!r}.")
    return person


def _submission(asked: Field, text: str) -> Submission:
    submission = Submission.objects.select_related("owner", "method").filter(pk=_uuid(asked, text)).first()
    if submission is None:
        raise _unknown(asked, f"There is no submission {text}.")
    return submission


def _entered(asked: Field, text: str) -> Entered:
    key = _uuid(asked, text)
    run = Run.objects.select_related("submission__owner", "submission__method").filter(pk=key).first()
    if run is not None:
        return Entered(submission=run.submission, run=run)
    return Entered(submission=_submission(asked, text))


def _benchmark(asked: Field, text: str) -> Benchmark:
    try:
        return find(text)
    except UnknownName as error:
        raise _unknown(asked, f"{capitalised(str(error))}.") from error


def _uuid(asked: Field, text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise _unknown(asked, f"{text[:60]!r} is no number of a submission, as its address has it.") from error


def _unknown(asked: Field, message: str) -> OperateError:
    return OperateError("operate.not_there", message, asked.name)


_READERS: Mapping[Kind, Callable[[Field, str], Any]] = {
    Kind.TEXT: lambda asked, text: text,
    Kind.NUMBER: _number,
    Kind.PERSON: _person,
    Kind.SUBMISSION: _submission,
    Kind.ENTERED: _entered,
    Kind.BENCHMARK: _benchmark,
}
