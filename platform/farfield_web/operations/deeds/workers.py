"""Letting a worker run dry, and go on."""

from django.utils import timezone

from farfield_web.operations.deeds.base import REASON, Deed, Done, Field, Kind, OperateError, Values
from farfield_web.operations.draining import drain_of, kept
from farfield_web.operations.models import Drain
from farfield_web.runs import operated
from farfield_web.runs.workers import wake_workers_of
from farfield_web.submissions.models import Worker

WORKER = Field(name="worker", help="The name of a worker, as the list has it.", longest=200)
NOW = Field(
    name="now", help="Take its runs back at once, at no cost to them; else it finishes what it has.",
    kind=Kind.FLAG, required=False,
)  # fmt: skip


def _drain(values: Values) -> Done:
    name = _known(values["worker"])
    if drain_of(name) is None:
        Drain.objects.create(worker=kept(name), reason=values["reason"], at=timezone.now())
    elif not values["now"]:
        raise OperateError("operate.no_change", f"{name} is drained already.", "worker", "With `now` it is hurried.")
    back = operated.take_back(name, f"worker {name!r} is drained: {values['reason']}") if values["now"] else 0
    said = f"{name} claims nothing more."
    return Done(said=f"{said} Given to others: {back}." if values["now"] else said, what=name, facts={"runs": back})


def _undrain(values: Values) -> Done:
    name = _known(values["worker"])
    drain = drain_of(name)
    if drain is None:
        raise OperateError("operate.no_change", f"{name} is not drained.", "worker")
    Drain.objects.filter(pk=drain.pk).update(ended_at=timezone.now())
    wake_workers_of(name)
    return Done(said=f"{name} claims again.", what=name)


def _known(name: str) -> str:
    if not Worker.objects.filter(name=kept(name)).exists() and drain_of(name) is None:
        raise OperateError("operate.not_there", f"There is no worker called {name!r}.", "worker")
    return name


DEEDS = (
    Deed(
        name="drain",
        title="Drain a worker",
        about="It claims nothing more, and its log says so.",
        fields=(WORKER, NOW, REASON),
        do=_drain,
    ),
    Deed(name="undrain", title="Let a worker go on", about="It claims again, at once.", fields=(WORKER,), do=_undrain),
)
