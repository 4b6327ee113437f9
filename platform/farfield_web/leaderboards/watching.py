"""Changes of what boards show that are made elsewhere, noticed when they are saved: nobody has to think of them."""

from typing import Any

from django.db.models import Q
from django.db.models.signals import post_delete, pre_save

from farfield_web.accounts.models import User
from farfield_web.changed import all_changed, changed
from farfield_web.leaderboards.models import BoardLine
from farfield_web.submissions.models import Method, Submission

_OF_METHODS = ("name", "spec", "former")


def watch() -> None:
    """To be called once, when the site starts."""
    post_delete.connect(_deleted, Submission, dispatch_uid="boards: a submission is gone")
    pre_save.connect(_method, Method, dispatch_uid="boards: a method is described otherwise")
    pre_save.connect(_person, User, dispatch_uid="boards: a person is called otherwise")


def _deleted(instance: Submission, **_: Any) -> None:
    changed(instance.benchmark, instance.tier, instance.pk)


def _method(instance: Method, **_: Any) -> None:
    """Names and what it declares stand on boards, and are searched for."""
    was = Method.objects.filter(pk=instance.pk).values(*_OF_METHODS).first() if instance.pk else None
    if was is not None and any(was[name] != getattr(instance, name) for name in _OF_METHODS):
        _each(Q(submission__method=instance.pk))


def _person(instance: User, **_: Any) -> None:
    was = User.objects.filter(pk=instance.pk).values_list("username", flat=True).first() if instance.pk else None
    if was is not None and was != instance.username:
        _each(Q(owner=instance.pk))


def _each(lines: Q) -> None:
    all_changed(BoardLine.objects.filter(lines).values_list("benchmark", "tier", "pk"), compare=False)
