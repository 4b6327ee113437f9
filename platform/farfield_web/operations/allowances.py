"""How much one person may submit, where an operator said otherwise than the site's settings."""

from collections.abc import Sequence

from farfield_web.accounts.models import User
from farfield_web.operations.models import PersonalQuota


def limits_of(person: User, benchmarks: Sequence[str], usual: int) -> dict[str, int]:
    """For each benchmark the person's own number for it, else that for all, else the usual one."""
    named = PersonalQuota.objects.filter(person=person, benchmark__in=["", *benchmarks])
    own = {quota.benchmark: quota.limit for quota in named}
    return {name: own.get(name, own.get("", usual)) for name in benchmarks}
