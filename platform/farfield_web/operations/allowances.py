"""How much one person may submit, where an operator said otherwise than the site's settings."""

from farfield_web.accounts.models import User
from farfield_web.operations.models import PersonalQuota


def limit_of(person: User, benchmark: str, usual: int) -> int:
    """The person's own number for the benchmark, else that for all, else the usual one."""
    own = {
        one.benchmark: one.limit for one in PersonalQuota.objects.filter(person=person, benchmark__in=["", benchmark])
    }
    return own.get(benchmark, own.get("", usual))
