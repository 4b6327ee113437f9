"""One site, and what can be done on it; `farfield login` and the other commands are a thin layer over this."""

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farfield.client import credentials
from farfield.client.answers import Board, Column, Comparison, Entries, Entry, Event, Result
from farfield.client.errors import NotSignedIn, SiteRefused
from farfield.client.exporting import RUN, form_of
from farfield.client.packets import Packet, parcel
from farfield.client.watching import EVERY, PATIENCE, Seen, Watch
from farfield.errors import UnknownName, UsageError

if TYPE_CHECKING:
    import httpx

API = "/api/v1/"
PAGE = 200
COMPARED_SECONDS = 60.0
Json = dict[str, Any]
Told = Callable[[int, int], None]  # bytes so far, and of how many; 0 where that is not known


def _quiet(done: int, total: int) -> None:
    """Tells nobody."""


class Site:
    """A site, as who has the token: given here, of FARFIELD_TOKEN, or kept by `farfield login`; else as anybody.

    The address is given here, of FARFIELD_SITE_URL, or http://localhost:8000. Lost connections, limits of calls and
    pages of lists are seen to. Every deed raises SiteRefused with the site's own code, or SiteUnreachable.
    """

    def __init__(
        self,
        url: str = "",
        token: str = "",
        *,
        transport: "httpx.BaseTransport | None" = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            from farfield.client.http import Http
        except ModuleNotFoundError as error:
            raise UsageError(f"{error.name} is not installed: pip install 'farfield[client]'") from error
        self.url = credentials.site_url(url)
        self._token = token or credentials.token_for(self.url)
        self._http = Http(self.url, self._token, transport, sleep)
        self._sleep = sleep
        self._benchmark = cache(self.benchmark)

    def __repr__(self) -> str:
        return f"Site({self.url!r})"

    def request(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """The JSON that an address below /api/v1 answers, such as `request("GET", "methods")`."""
        return self._http.ask(method, API + path.lstrip("/"), params=params, body=body)

    def pages(self, path: str, *, limit: int | None = None, **params: Any) -> Iterator[Json]:
        """The items of a list, page after page; only so many where a limit is given."""
        at: str | None = API + path.lstrip("/")
        asked: Mapping[str, Any] | None = {"page_size": min(PAGE, limit or PAGE), **params}
        left = limit
        while at:
            page = self._http.ask("GET", at, params=asked)
            for item in page["results"]:
                if left == 0:
                    return
                left = left - 1 if left is not None else None
                yield item
            following, asked = page["next"], None  # the link has the query
            at = API + following.partition(API)[2] if following and left != 0 else None

    def me(self) -> Json:
        """Who the token is of. Raises NotSignedIn."""
        self._need_token()
        found: Json = self.request("GET", "me")
        return found

    def make_token(self, name: str, password: str, scopes: Sequence[str], called: str = "") -> str:
        """The text of a new token, by user name and password; kept nowhere."""
        body = {"name": called or f"farfield on {socket.gethostname()}"[:100], "scopes": list(scopes)}
        made = self._http.ask("POST", f"{API}tokens", body=body, auth=(name, password))
        return str(made["token"])

    def revoke(self) -> None:
        """Revoke the token that this site is asked with; one that works no more is left as it is."""
        self._need_token()
        try:
            self.request("DELETE", "tokens/this")
        except SiteRefused as error:
            if error.status != 401:
                raise

    def benchmarks(self) -> list[Json]:
        """What can be entered."""
        return list(self.pages("benchmarks"))

    def benchmark(self, name: str) -> Json:
        """A benchmark's protocol and data. Raises UnknownName with those whose names are near."""
        try:
            found: Json = self.request("GET", f"benchmarks/{name}")
        except SiteRefused as error:
            if error.status == 404:
                raise UnknownName(
                    f"benchmark of {self.url}", name, [each["name"] for each in self.benchmarks()]
                ) from error
            raise
        return found

    def method(self, name: str) -> Json:
        """A method with its specification."""
        found: Json = self.request("GET", f"methods/{name}")
        return found

    def leaderboard(
        self,
        benchmark: str,
        *,
        track: str = "",
        tier: str = "",
        ranked_by: str = "",
        verified: bool = False,
        limit: int | None = None,
    ) -> Board:
        """A board with all of its rows, or the first of them. `ranked_by` is a column's name, METRIC:DOMAIN."""
        asked = {"track": track, "tier": tier, "ranked_by": ranked_by, "verified": "true" if verified else ""}
        units = _units(self._benchmark(benchmark))
        params: Json = {name: value for name, value in asked.items() if value}
        params["page_size"] = min(PAGE, limit or PAGE)
        first = page = self.request("GET", f"leaderboards/{benchmark}", params=params)
        rows = list(first["rows"])
        while page["next"] and (limit is None or len(rows) < limit):
            params["page"] = page["page_number"] + 1
            page = self.request("GET", f"leaderboards/{benchmark}", params=params)
            rows += page["rows"]
        return Board(first, rows[:limit], units)

    def results(self, *, benchmark: str = "", limit: int = 20) -> Entries:
        """The caller's newest entries with their states and headlines. Raises NotSignedIn."""
        name = self.me()["username"]
        asked = {"owner": name, **({"benchmark": benchmark} if benchmark else {})}
        listed = [Entry.read(each) for each in self.pages("submissions", limit=limit, **asked)]
        return Entries(f"{name} on {self.url}: {len(listed)} entries", [self._result(entry) for entry in listed])

    def entry(self, number: str) -> Entry:
        """An entry with its runs and figures."""
        return Entry.read(self.request("GET", f"submissions/{number}"))

    def events(self, run: str) -> list[Event]:
        """All that happened to a run, in order."""
        return [
            Event(
                run=run,
                at=e["at"],
                kind=e["kind"],
                attempt=e["attempt"],
                message=e["message"],
                source=e["source"] or "",
                target=e["target"] or "",
            )
            for e in self.request("GET", f"runs/{run}/events")
        ]

    def submit(self, packet: Packet, *, told: Told = _quiet) -> Entry:
        """Send what is to be sent, and enter it. Safe to repeat: the same entry with the same words is made once.

        Raises FarfieldError for what is refused before anything is sent, and NotSignedIn.
        """
        sent = parcel(packet)
        self._need_token()
        body = packet.body(self.upload(*sent, told=told)["sha256"] if sent else "")
        made = self._http.ask("POST", f"{API}submissions", body=body, key=packet.key(body))
        return Entry.read(made)

    def upload(self, name: str, content: Path | bytes, *, kind: str = "", told: Told = _quiet) -> Json:
        """Send a file under a name; it is kept by its content, and does nothing until it is entered."""
        from farfield.client.http import opener

        fields = {"kind": kind} if kind else {}
        sent: Json = self._http.send(f"{API}uploads", name, opener(content), told, fields)
        return sent

    def watch(self, number: str, *, every: float = EVERY, patience: float = PATIENCE) -> Iterator[Seen]:
        """Follow an entry until it ends; a lost connection is waited out for `patience` seconds."""
        look = Watch(lambda: self.entry(number), self.events, every=every, patience=patience, sleep=self._sleep)
        return iter(look)

    def cancel(self, number: str) -> Entry:
        """Stop what has not ended."""
        return Entry.read(self.request("POST", f"submissions/{number}/cancel"))

    def retry(self, number: str) -> Entry:
        """Run again what failed or was cancelled."""
        return Entry.read(self.request("POST", f"submissions/{number}/retry"))

    def compare(self, *numbers: str, wait: float = COMPARED_SECONDS) -> Comparison:
        """Two to five entries of a board; the site is given `wait` seconds to compare them example by example."""
        limit = time.monotonic() + wait
        while True:
            found = Comparison(self.request("GET", "compare", params={"entries": list(numbers)}))
            if found.state != "waiting" or time.monotonic() > limit:
                return found
            self._sleep(1.0)

    def export(self, what: str, form: str, *, told: Told = _quiet, **query: str) -> Iterator[bytes]:
        """A board by its benchmark, an entry or a run by its number, as a file in pieces; see `exporting.FORMS`.

        An entry with one run has that run's forms too. `query` is as in the address of a board's page.
        """
        wanted = form_of(what, form)
        of = self._run_of(what) if wanted.of == RUN else what
        return self._http.fetch("/" + wanted.address.format(of), query, told)

    def _run_of(self, number: str) -> str:
        """The run that a number is of, or the only one of the entry that it is of."""
        try:
            runs = self.entry(number).runs
        except SiteRefused as error:
            if error.status == 404:
                return number
            raise
        if len(runs) == 1:
            return runs[0].number
        listed = "; ".join(f"{run.number} ({run.title or run.status})" for run in runs[:20])
        raise UsageError(f"entry {number} has {len(runs)} runs, name one of them: {listed}")

    def _result(self, entry: Entry) -> Result:
        benchmark = self._benchmark(entry.benchmark)
        first, units = benchmark["columns"][0], _units(benchmark)
        column = Column(name=first["name"], title=first["title"], unit=units.get(first["metric"], ""))
        whole = self.entry(entry.number) if entry.status == "succeeded" else entry
        return Result(entry=entry, column=column, figure=whole.figure(column.name))

    def _need_token(self) -> None:
        if not self._token:
            how = f"farfield login --site {self.url}` asks for one, or set {credentials.TOKEN}"
            raise NotSignedIn(f"there is no token for {self.url}: `{how}; the account's page makes tokens too")


def _units(benchmark: Json) -> dict[str, str]:
    return {metric["name"]: metric["unit"] for metric in benchmark["metrics"]}
