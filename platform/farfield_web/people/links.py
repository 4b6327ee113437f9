"""Where else somebody is, as they have shown by signing in there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.models import SocialAccount

from farfield_web.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where else somebody is, as they have shown by signing in there."""

    title: str
    href: str


def links_of(person: User) -> list[Link]:
    """GitHub and ORCID, where the person is connected."""
    accounts = SocialAccount.objects.filter(user=person, provider__in=("github", "orcid")).order_by("provider")
    return [link for account in accounts if (link := _link(account.provider, account.uid, account.extra_data))]


def _link(provider: str, uid: str, known: Mapping[str, Any]) -> Link | None:
    """By parts of their own, never by an address that the other place sent."""
    if provider == "orcid":
        return Link(title=f"ORCID {uid}", href=f"https://orcid.org/{uid}") if _is_orcid(uid) else None
    name = str(known.get("login", ""))
    plain = name.replace("-", "")
    is_name = plain.isascii() and plain.isalnum()
    return Link(title=f"GitHub {name}", href=f"https://github.com/{name}") if is_name else None


def _is_orcid(uid: str) -> bool:
    parts = uid.split("-")
    return len(parts) == 4 and all(len(part) == 4 and part[:3].isdigit() for part in parts)
