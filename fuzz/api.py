"""The API, from its own schema and beside it: a site of its own is started, asked, and looked at afterwards.

Requests that fit the schema and requests that break it come from schemathesis; bodies that are no JSON, or JSON that
nobody writes, and odd queries for the files beside the API, from here. Nobody, an author and an operator take turns.
The site must answer each as its schema says, with errors in their one shape, and write no traceback into its logs.
"""

import json
import logging
import os
import shlex
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from farfield.client.exporting import FORMS, is_number
from farfield.client.http import FILE_OR_ERROR
from farfield_evaluators.data.demo import import_demo
from farfield_local.site import SETTINGS, Site, running_site
from fuzz import nonsense
from fuzz.case import Case, Wrong
from fuzz.engine import SEEDS, Outcome

SCHEMA = Path(__file__).parents[1] / "docs" / "openapi.yaml"
SIGNED_IN_BY = "a password for fuzzing only"
NOBODY, AUTHOR, OPERATOR = "nobody", "fuzzer", "overseer"
CALLERS = (NOBODY, AUTHOR, OPERATOR)
SCOPES = {AUTHOR: ["read", "submit", "manage"], OPERATOR: ["read", "submit", "manage", "operate"]}
MANAGE = Path(__file__).parents[1] / "manage.py"
PAUSED = "intake.paused"  # 503, and an operator's word
READY_SECONDS, ANSWER_SECONDS = 120.0, 60.0
EXAMPLES = 12  # of an operation, each way, before the next operation's turn
# What a schema cannot know: names that are there. Without them every request ends at the first door. With them go the
# numbers of an entry and its run.
KNOWN = (
    "imagenet-ood/mini",
    "ood-detection/mini",
    "domainbed/styles",
    "constant",
    "lite0",
    "scratch",
    "open",
    "fuzzer",
)
# A throttle would answer nearly everything.
UNBOUNDED = {
    f"FARFIELD_{name}": "0"
    for name in (
        "WRONG_PASSWORDS_OF_ADDRESS",
        "WRONG_PASSWORDS_OF_NAME",
        "WRONG_PASSWORDS_AT_HOME",
        "SIGN_UPS_PER_HOUR",
        "UPLOADS_PER_HOUR",
        "API_CALLS_PER_MINUTE",
    )
}


def fuzz_api(seed: int, seconds: float, keep: Path) -> Outcome:
    """Ask until the time is over. What comes out wrong is written below `keep`."""
    # Only this target needs it, and it takes seconds to import.
    from fuzz.schema import operations, round_of

    outcome, rng = Outcome(), Random(f"api:{seed}")
    with tempfile.TemporaryDirectory(prefix="farfield-fuzz-") as folder, _site(Path(folder)) as site:
        asking = Asking(site, outcome, keep)
        for path in sorted((SEEDS / "api").glob("*.json")):
            asking.raw(Case.from_json(path.read_text(encoding="utf-8")))
        known, limit, number = operations(SCHEMA), time.monotonic() + seconds, 0
        while time.monotonic() < limit:
            operation, turn = known[number % len(known)], number // len(known)
            asking.caller = CALLERS[(number + turn) % len(CALLERS)]
            for _ in range(EXAMPLES):
                asking.raw(_raw(rng, operation.method, _address(rng, operation.path, asking.known)))
            asking.raw(_file(rng, asking.known))
            round_of(operation, hash_of(seed, number), EXAMPLES, asking.send, asking.known)
            site.pause()
            number += 1
        _look_into_logs(site, asking)
    return outcome


def hash_of(seed: int, number: int) -> int:
    """A seed of its own for each round."""
    return seed * 1_000_003 + number


class Asking:
    """Sends requests as one of the callers, and looks at every answer."""

    def __init__(self, site: Site, outcome: Outcome, keep: Path) -> None:
        self._site = site
        self._outcome = outcome
        self._keep = keep
        headers = {"Accept": FILE_OR_ERROR}
        self._client = httpx.Client(base_url=site.url, timeout=ANSWER_SECONDS, trust_env=False, headers=headers)
        self._tokens: dict[str, str] = {}
        _make_operator(site)
        self.caller = AUTHOR
        self.known = (*KNOWN, *self._entered())

    @property
    def caller(self) -> str:
        """Who asks from here on."""
        return self._caller

    @caller.setter
    def caller(self, name: str) -> None:
        self._caller = name
        if name != NOBODY and name not in self._tokens:
            self._sign_in()
        self._client.headers.pop("Authorization", None)
        if name in self._tokens:
            self._client.headers["Authorization"] = f"Bearer {self._tokens[name]}"

    def raw(self, case: Case) -> None:
        """`words` are method, address and content type; the file `body` is sent as it is."""
        method, address, kind = case.words
        content = case.files.get("body", b"")
        self.send(case, lambda client: client.request(method, address, content=content, headers={"Content-Type": kind}))

    def send(self, case: Case, request: Callable[[httpx.Client], httpx.Response]) -> None:
        """One request, counted by what came out of it; a token that was taken back is got again."""
        begun = time.monotonic()
        try:
            answer = request(self._client)
        except httpx.InvalidURL:
            return  # it never left
        except Wrong as error:
            self.failed(case, f"as {self.caller}: {case.words}: {error}")
            return
        except httpx.HTTPError as error:
            self.failed(case, f"{case.words}: no answer ({type(error).__name__}: {error})")
            return
        took = time.monotonic() - begun
        self._outcome.longest_seconds = max(self._outcome.longest_seconds, took)
        if wrong := problem(answer):
            self.failed(case, f"as {self.caller}: {case.words}: {wrong}")
            return
        self._outcome.words[str(answer.status_code)] += 1
        if answer.status_code == 401 and self.caller != NOBODY:
            self._tokens.pop(self.caller, None)
            self.caller = self.caller

    def failed(self, case: Case, what: str) -> None:
        """Keep a case, and what came out of it."""
        self._keep.mkdir(parents=True, exist_ok=True)
        (self._keep / f"{case.digest}.json").write_text(case.to_json(), encoding="utf-8")
        self._outcome.wrong[case.digest] = what

    def _entered(self) -> tuple[str, str]:
        """The numbers of an entry of the author that has succeeded, and of its run. Raises TimeoutError."""
        entry, limit = {"benchmark": KNOWN[0], "method": "constant", "track": "open"}, time.monotonic() + READY_SECONDS
        at, said = "/api/v1/submissions", dict[str, Any]()
        while said.get("status") != "succeeded":
            if time.monotonic() > limit:
                raise TimeoutError(f"the entry that the fuzzing asks about is not there: {said}")
            self._site.pause()
            # Refused until the worker has said what it runs.
            answer = self._client.get(f"{at}/{said['id']}") if "id" in said else self._client.post(at, json=entry)
            said |= answer.json()
        return said["id"], said["runs"][0]["id"]

    def _sign_in(self) -> None:
        """A token of the caller, who may have revoked all of theirs, or have been banned by the operator."""
        self._client.headers.pop("Authorization", None)
        self._client.post("/api/v1/accounts", json={"username": self.caller, "password": SIGNED_IN_BY})
        wanted = {"name": "fuzz", "scopes": SCOPES[self.caller]}
        made = self._client.post("/api/v1/tokens", json=wanted, auth=(self.caller, SIGNED_IN_BY))
        if made.is_success:
            self._tokens[self.caller] = made.json()["token"]


def problem(answer: httpx.Response) -> str:
    """What is wrong with an answer of the API; empty when nothing is."""
    shown = f"{answer.status_code} {answer.text[:500]!r}"
    if answer.status_code >= 500:
        return "" if f'"{PAUSED}"' in answer.text else shown
    if answer.status_code >= 400:
        try:
            code = str(answer.json()["error"]["code"])
        except (ValueError, KeyError, TypeError):
            return f"an error in another shape than the API's: {shown}"
        if code.startswith("platform."):
            return f"the platform takes the blame: {shown}"
    return ""


def _make_operator(site: Site) -> None:
    """On the command line, as operators are made."""
    noted = (site.var / SETTINGS).read_text(encoding="utf-8")
    kept = dict(line.removeprefix("export ").split("=", 1) for line in noted.splitlines() if "=" in line)
    secrets = {name: shlex.split(value)[0] if value else "" for name, value in kept.items()}
    words = [sys.executable, str(MANAGE), "createsuperuser", "--noinput", "--username", OPERATOR, "--email", ""]
    env = {**os.environ, **secrets, "DJANGO_SUPERUSER_PASSWORD": SIGNED_IN_BY}
    subprocess.run(words, env=env, check=True, capture_output=True)


def _raw(rng: Random, method: str, address: str) -> Case:
    kinds = ("application/json",) * 4 + ("text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "x")
    kind = rng.choice(kinds)
    body = nonsense.json_text(rng) if rng.random() < 0.8 else nonsense.text(rng)
    return Case(words=(method.upper(), address, kind), files={"body": body.encode(errors="replace")})


def _file(rng: Random, known: Sequence[str]) -> Case:
    """A file of a board, an entry or a run, which is no part of the schema."""
    form = rng.choice([form for form in FORMS if not form.address.startswith("api/")])
    address = _address(rng, f"/{form.address.replace('{}', '{name}')}", known)
    return Case(words=("GET", address, "text/plain"))


def fitting(value: str, known: Sequence[str]) -> list[str]:
    """What may stand in the place of a value: numbers for a number, names for a name."""
    return [each for each in known if is_number(each) == is_number(value)] or list(known)


def _address(rng: Random, path: str, known: Sequence[str]) -> str:
    while "{" in path:
        head, _, rest = path.partition("{")
        value = rng.choice((*known, *known[len(KNOWN) :], nonsense.name(rng)))
        path = head + quote(value, errors="replace") + rest.partition("}")[2]
    if rng.random() < 0.5:
        return path
    return path + "?" + urlencode({nonsense.name(rng): nonsense.name(rng)}, errors="replace")


@contextmanager
def _site(folder: Path) -> Iterator[Site]:
    folder.chmod(0o755)  # the database does not run as root, and must get through to its own
    for name in [name for name in os.environ if name.startswith("FARFIELD_")]:
        del os.environ[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_demo(folder / "var" / "packs")
        with running_site(folder / "var", None, logging.info, settings=UNBOUNDED) as site:
            yield site


def _look_into_logs(site: Site, asking: Asking) -> None:
    """A traceback is ours to mend, whatever the answer said."""
    for log in sorted((site.var / "log").glob("*.log")):
        text = log.read_text(encoding="utf-8", errors="replace")
        at = text.find("Traceback (most recent call last)")
        if at >= 0:
            asking.failed(Case(words=("log", log.name, "")), f"{log.name}: {text[max(0, at - 300) : at + 3000]}")


def said(case: Any) -> Case:
    """A request of schemathesis in the form that is kept."""
    body = case.body if isinstance(case.body, dict | list | str | int | float | bool | None) else str(case.body)
    query = {str(name): str(value) for name, value in (case.query or {}).items()}
    address = case.formatted_path + (f"?{urlencode(query, errors='replace')}" if query else "")
    text = json.dumps(body, default=str).encode()
    return Case(words=(case.method, address, case.media_type or "application/json"), files={"body": text})
