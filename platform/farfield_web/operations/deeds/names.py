"""The operator's word about names of methods; what was entered under them stays."""

from farfield_web.operations.deeds.base import REASON, Deed, Done, Field, Kind, OperateError, Values
from farfield_web.submissions import names
from farfield_web.submissions.models import Method

NAME = Field(name="name", help="The name of a method.", longest=60)


def _dispute(values: Values) -> Done:
    name = _checked(values["name"])
    names.dispute(name, values["reason"])
    return Done(said=f"{name!r} is disputed: nobody enters anything under it.", what=name)


def _settle(values: Values) -> Done:
    name, holder = _checked(values["name"]), values["holder"]
    _refuse_installed(name)
    former = names.settle(name, holder)
    said = f"{_stays(former)}{name!r} is {holder.username}'s, by the operator's word."
    return Done(said=said, what=name, facts={"holder": holder.username})


def _free(values: Values) -> Done:
    name = _checked(values["name"])
    _refuse_installed(name)
    return Done(said=f"{_stays(names.free(name))}{name!r} is nobody's.", what=name)


def _checked(name: str) -> str:
    names.one_at_a_time()
    if not names.is_name(name):
        raise OperateError("operate.bad_name", f"{name!r} is no name for a method.", "name")
    return name


def _refuse_installed(name: str) -> None:
    if name in names.reserved():
        text = f"A worker has {name!r} installed; uninstall it there and restart the worker first."
        raise OperateError("operate.installed", text, "name")


def _stays(former: Method | None) -> str:
    return f"What was entered before stays, as entries of {former.name!r}. " if former else ""


SHORT_REASON = Field(name="reason", help="Shown to who tries to use the name.", required=False, longest=200)
DEEDS = (
    Deed(
        name="dispute-name",
        title="Dispute a name",
        about="Nobody enters anything under it until it is settled or freed.",
        fields=(NAME, SHORT_REASON),
        do=_dispute,
    ),
    Deed(
        name="settle-name",
        title="Settle a name",
        about="It is this person's, whoever had it before.",
        fields=(NAME, Field(name="holder", help="A user name.", kind=Kind.PERSON), REASON),
        do=_settle,
    ),
    Deed(
        name="free-name",
        title="Free a name",
        about="Whoever brings a method of this name next has it.",
        fields=(NAME, REASON),
        do=_free,
    ),
)
