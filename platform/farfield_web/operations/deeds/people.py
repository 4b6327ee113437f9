"""What operators do about people: bans and quotas."""

from django.utils import timezone

from farfield_web.accounts.models import User
from farfield_web.operations.bans import ban_of
from farfield_web.operations.deeds.base import REASON, Deed, Done, Field, Kind, OperateError, Values
from farfield_web.operations.models import Ban, PersonalQuota

PERSON = Field(name="person", help="A user name.", kind=Kind.PERSON)
BENCHMARK = Field(name="benchmark", help="One benchmark; all where it is empty.", kind=Kind.BENCHMARK, required=False)


def _ban(values: Values) -> Done:
    person: User = values["person"]
    if person.is_staff or person.is_superuser:
        text = f"{person.username} runs this site; take that right away first."
        raise OperateError("operate.no_change", text, "person")
    if ban_of(person):
        raise OperateError("operate.no_change", f"{person.username} is banned already.", "person")
    Ban.objects.create(person=person, reason=values["reason"], at=timezone.now())
    User.objects.filter(pk=person.pk).update(is_active=False)
    said = f"{person.username} can neither sign in nor use a token. What they entered stays."
    return Done(said=said, what=person.username)


def _unban(values: Values) -> Done:
    person: User = values["person"]
    ban = ban_of(person)
    if ban is None:
        raise OperateError("operate.no_change", f"{person.username} is not banned.", "person")
    Ban.objects.filter(pk=ban.pk).update(ended_at=timezone.now())
    User.objects.filter(pk=person.pk).update(is_active=True)
    return Done(said=f"{person.username} may come in again.", what=person.username)


def _quota(values: Values) -> Done:
    person, benchmark, limit = values["person"], values["benchmark"], values["limit"]
    if limit < 0:
        raise OperateError("operate.not_a_number", "A quota is 0 or more.", "limit")
    name = benchmark.name if benchmark else ""
    new = {"limit": limit, "reason": values["reason"], "at": timezone.now()}
    PersonalQuota.objects.update_or_create(person=person, benchmark=name, defaults=new)
    said = f"{person.username} may submit {limit} times in the window to {name or 'every benchmark'}."
    return Done(said=said, what=person.username, facts={"benchmark": name, "limit": limit})


def _usual(values: Values) -> Done:
    person, benchmark = values["person"], values["benchmark"]
    name = benchmark.name if benchmark else ""
    gone, _ = PersonalQuota.objects.filter(person=person, benchmark=name).delete()
    if not gone:
        raise OperateError("operate.no_change", f"{person.username} has no quota of their own there.", "person")
    return Done(said=f"{person.username} has the usual quota again.", what=person.username, facts={"benchmark": name})


DEEDS = (
    Deed(
        name="ban",
        title="Ban a person",
        about="The account can neither sign in nor use its tokens, and is told why. What it entered stays.",
        fields=(PERSON, REASON),
        do=_ban,
        danger=True,
    ),
    Deed(name="unban", title="Lift a ban", about="They may come in again.", fields=(PERSON, REASON), do=_unban),
    Deed(
        name="quota",
        title="Give a person another quota",
        about="In place of the site's number of submissions in its window.",
        fields=(PERSON, Field(name="limit", help="How many submissions.", kind=Kind.NUMBER), BENCHMARK, REASON),
        do=_quota,
    ),
    Deed(
        name="usual-quota",
        title="Give a person the usual quota",
        about="Takes their own number back.",
        fields=(PERSON, BENCHMARK, REASON),
        do=_usual,
    ),
)
