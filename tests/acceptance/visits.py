"""Every page there is, with somebody who sees it: the addresses are Django's, so a new page is visited by itself."""

from collections.abc import Iterator

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client, RequestFactory
from django.urls import URLPattern
from tests.acceptance.filled import Filled
from tests.unit.pages import addresses
from tests.unit.pages.content import BOARD, PASSWORD

from farfield_web.accounts.models import User
from farfield_web.operations.models import FrozenBoard
from farfield_web.people import teams

FREEZE = {"benchmark": BOARD, "reason": "For the paper."}
TEAM = "vision"
PAGE, FOUND = b"<!doctype html>", (200, 401)

# Where nobody finds a page: forms that lead on, files, data, parts of pages, and doors that are not set up.
NO_PAGE = {
    ".well-known/farfield-keys.json", "favicon.ico", "feed.atom", "healthz", "metrics", "robots.txt",
    "account/places/github/", "account/places/github/back/", "account/places/oidc/<slug:provider_id>/",
    "account/places/oidc/<slug:provider_id>/back/", "account/places/orcid/", "account/places/orcid/back/",
    "account/places/sign-up/", "account/second-factor/keys/again/", "account/second-factor/recovery/codes.txt",
    "account/sign-out/",
    "account/tokens/<int:pk>/revoke/", "account/webhooks/<int:pk>/", "badge/<uuid:pk>.svg",
    "benchmarks/<benchmark:name>/card.md", "benchmarks/<benchmark:name>/croissant.json",
    "boards/<benchmark:name>/board.bib", "boards/<benchmark:name>/board.csv", "boards/<benchmark:name>/board.json",
    "boards/<benchmark:name>/board.parquet", "boards/<benchmark:name>/board.tex",
    "boards/<benchmark:name>/feed.atom", "boards/<benchmark:name>/groups.csv",
    "boards/<benchmark:name>/openood.csv", "vega/<slug:version>.js",
    "runs/<uuid:pk>/live/", "runs/<uuid:pk>/log.txt", "runs/<uuid:pk>/log/<int:attempt>/<int:offset>/",
    "runs/<uuid:pk>/pictures/<int:place>-<slug:layer>.webp", "runs/<uuid:pk>/retry/", "runs/<uuid:pk>/stream/",
    "submissions/<uuid:pk>/cancel/", "submissions/<uuid:pk>/entry.bib", "submissions/<uuid:pk>/live/",
    "submissions/<uuid:pk>/retry/", "submissions/<uuid:pk>/stream/", "submissions/<uuid:pk>/take-back/",
    "teams/<str:name>/change/",
}  # fmt: skip


def visitors(filled: Filled) -> dict[str, Client]:
    """Who sees other pages than everybody: an author, an operator with codes, and three whose accounts are unlike."""
    root = User.objects.create_superuser("root", password=PASSWORD)
    keeper = User.objects.create_user("keeper", password=PASSWORD)
    elsewhere = User.objects.create_user("elsewhere")
    for person in (root, elsewhere):
        TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(root)
    key = {"name": "my key", "credential": {}}
    Authenticator.objects.create(user=keeper, type=Authenticator.Type.WEBAUTHN, data=key)
    half = Client()
    half.post("/account/sign-in/", {"username": "root", "password": PASSWORD})
    return {
        "anybody": Client(),
        "author": signed_in(filled.site.ada, "password"),
        "operator": signed_in(root, "password"),
        "keeper of a key": signed_in(keeper, "password"),
        "without a password": signed_in(elsewhere, "mfa"),
        "between password and code": half,
    }


def signed_in(person: User, method: str) -> Client:
    """Just now, so that what is asked once more before a change is not asked."""
    client = Client(raise_request_exception=False)
    client.force_login(person)
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, person, method, reauthenticated=True)
    request.session.save()
    return client


def finds(visitor: Client, address: str) -> bool:
    """Whether it is a whole page for them."""
    answer = visitor.get(address)
    whole = not answer.streaming and answer.content.lstrip().startswith(PAGE)
    answer.close()
    return whole and answer.status_code in FOUND


def furnish(filled: Filled, operator: Client) -> dict[str, list[str]]:
    """What some pages are about and a filled site has not; returns names for the places in addresses."""
    teams.create(filled.site.ada, TEAM, "team")
    assert operator.post("/operate/do/freeze/", FREEZE).status_code == 302
    return {"at": [FrozenBoard.objects.get().name], "key": [str(Authenticator.objects.get(type="webauthn").pk)]}


def visits(filled: Filled, people: dict[str, Client]) -> Iterator[tuple[str, str]]:
    """Who goes where: the pages of `filled` as its author, and each other address as the first who finds a page."""
    names = furnish(filled, people["operator"])
    seen = set(filled.pages)
    yield from (("author", address) for address in filled.pages)
    missing = []
    for route, pattern in addresses.routes():
        if route.startswith("api/") or route in NO_PAGE:
            continue
        for address in places(route, pattern, filled, names):
            if address in seen:
                continue
            seen.add(address)
            who = next((name for name, visitor in people.items() if finds(visitor, address)), None)
            if who is None:
                missing.append(address)
            else:
                yield who, address
    assert missing == [], f"nobody finds a page there; furnish it in visits.py, or name it in NO_PAGE: {missing}"


def places(route: str, pattern: URLPattern, filled: Filled, names: dict[str, list[str]]) -> list[str]:
    """The addresses of a route, with what the site has of each kind."""
    run, entry = filled.site.run("succeeded"), filled.site.submissions["succeeded"]
    slug = {
        "methods/": ["tuned"],
        "submit/<benchmark:name>/bring/": ["package"],
        "submit/<benchmark:name>/with/": ["tuned"],
        "boards/<benchmark:name>/at/": names["at"],
        "operate/do/": ["invalidate", "quota"],
        "reference/": ["submissions"],
        "coverage/": ["papers"],
    }
    given = {"uuid": [str(run.pk if route.startswith("runs/") else entry.pk)], "benchmark": [BOARD]}
    given |= {"slug": next((values for start, values in slug.items() if route.startswith(start)), ["nothing"])}
    given |= {"int": names["key"], "string": [TEAM if route.startswith("teams/") else "ada"], "base36": ["1"]}
    return addresses.filled(route, pattern, given)
