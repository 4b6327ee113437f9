"""The demo author: signs up, takes a token, submits. Doing it all again changes nothing."""

import secrets
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from farfield import TrackClaims
from farfield.choices import described_for
from farfield.settings import read_settings
from farfield_evaluators.catalog import find
from farfield_local import keys
from farfield_local.demo.api import Api, ApiError
from farfield_local.demo.entries import Board, Entry
from farfield_local.demo.watch import ENDED
from farfield_local.errors import DemoFailed

NAME = "demo"
PASSWORD = "demo-password"  # noqa: S105 - the name of a file
TOKEN = "demo-token"  # noqa: S105
PAGE = "200"
FULL = "runs.too_many_open"  # the site's word for: as many under way as a person may have
Json = dict[str, Any]


class Author:
    """Signed in once `sign_in` returned."""

    def __init__(self, api: Api, secrets_folder: Path) -> None:
        self._api = api
        self._folder = secrets_folder
        self.password = keys.secret(secrets_folder, PASSWORD, lambda: secrets.token_urlsafe(12))

    def sign_in(self) -> None:
        """With the token of an earlier start, a new one, or a new account."""
        token = keys.read(self._folder, TOKEN)
        if not (token and self._is_accepted(token)):
            token = self._new_token()
            keys.write(self._folder, TOKEN, token)
        self._api.use_token(token)

    def missing(self, entries: tuple[Entry, ...]) -> list[str]:
        """What no worker has announced yet: names of methods and of benchmarks' data."""
        available = {method["name"] for method in self._methods() if method["available"]}
        methods = [entry.method for entry in entries if entry.method not in available]
        return methods + [name for name in _benchmarks(entries) if self._data_key(name) is None]

    def submit(self, entries: tuple[Entry, ...]) -> dict[str, Entry]:
        """Submit each, unless an earlier start did; returns them by the number of their submission.

        Where the site says that as many are under way as a person may have, those from there on are left out.
        """
        method = cache(lambda name: self._api.get(f"methods/{name}"))
        data_key = cache(self._data_key)
        submitted: dict[str, Entry] = {}
        for entry in entries:
            try:
                number = self._submit(entry, method(entry.method), data_key(entry.benchmark))
            except ApiError as error:
                if error.api_code == FULL:
                    break
                raise
            submitted[number] = entry
        return submitted

    def statuses(self) -> dict[str, str]:
        """The status of the newest submissions, in one request."""
        page = self._api.get("submissions", owner=NAME, page_size=PAGE)
        return {submission["id"]: submission["status"] for submission in page["results"]}

    def submission(self, number: str) -> Json:
        found: Json = self._api.get(f"submissions/{number}")
        return found

    def has_ended(self, number: str) -> bool:
        """Whether nothing more will happen to this submission."""
        return self.submission(number)["status"] in ENDED

    def board(self, board: Board) -> Json:
        tier = {"tier": board.tier} if board.tier else {}
        found: Json = self._api.get(f"leaderboards/{board.benchmark}", page_size="200", **tier)
        return found

    def _submit(self, entry: Entry, method: Json, data_key: str | None) -> str:
        body: Json = {"benchmark": entry.benchmark, "method": entry.method, "track": _track(entry, method)}
        body |= {name: value for name, value in (("tier", entry.tier), ("config", _config(entry, method))) if value}
        # A new version of the method or of the data is a new submission; anything else is the earlier one again.
        told = (entry.tier, entry.input, *entry.settings)
        key = f"demo {entry.benchmark} {entry.method} {method['version']} {data_key} {' '.join(told)}".strip()
        made: Json = self._api.post("submissions", body, headers={"Idempotency-Key": key})
        if made["status"] in ("failed", "cancelled"):
            self._api.post(f"submissions/{made['id']}/retry", {})
        return str(made["id"])

    def _methods(self) -> list[Json]:
        page: Json = self._api.get("methods", page_size=PAGE)
        found: list[Json] = page["results"]
        while page["next"]:
            cursor = httpx.URL(page["next"]).params["cursor"]
            page = self._api.get("methods", page_size=PAGE, cursor=cursor)
            found += page["results"]
        return found

    def _data_key(self, benchmark: str) -> str | None:
        data = self._api.get(f"benchmarks/{benchmark}")["data"]
        return None if data is None else str(data["key"])

    def _is_accepted(self, token: str) -> bool:
        self._api.use_token(token)
        try:
            self._api.get("me")
        except ApiError as error:
            if error.status in (401, 403):
                return False
            raise
        return True

    def _new_token(self) -> str:
        try:
            return self._ask_for_token()
        except ApiError as error:
            if error.status not in (401, 403):
                raise
        self._sign_up()
        return self._ask_for_token()

    def _ask_for_token(self) -> str:
        made = self._api.post("tokens", {"name": "make demo"}, auth=(NAME, self.password))
        return str(made["token"])

    def _sign_up(self) -> None:
        try:
            self._api.post("accounts", {"username": NAME, "password": self.password})
        except ApiError as error:
            if error.api_code != "account.taken":
                raise
            lost = f"the account {NAME!r} has another password than the one in {self._folder / PASSWORD}"
            raise DemoFailed(f"{lost}; put that back, or run `make clean` to begin anew") from error


def _benchmarks(entries: tuple[Entry, ...]) -> list[str]:
    return list(dict.fromkeys(entry.benchmark for entry in entries))


def _config(entry: Entry, method: Json) -> Json:
    """The settings by the types that the method says they have."""
    texts = entry.config
    return read_settings(method["spec"]["config_schema"], texts) if texts else {}


def _track(entry: Entry, method: Json) -> str:
    """The strictest track that takes the method; a benchmark lists the most open one first."""
    claims = described_for(method["spec"], entry.config).get("claims", {})
    claimed = TrackClaims(
        backbone=str(claims.get("backbone") or ""),
        pretraining=tuple(claims.get("pretraining", ())),
        extra_data=tuple(claims.get("extra_data", ())),
        departs=tuple(claims.get("departs", ())),
    )
    for track in reversed(find(entry.benchmark).tracks):
        if not track.refusals(claimed):
            return track.name
    raise DemoFailed(f"no track of {entry.benchmark} takes {entry.method}")
