"""Several people who submit over the public API, as patiently as a careful client would."""

import random
import threading
from typing import Any

import httpx

from chaos.pack import BENCHMARK, CLASSES
from chaos.plugin import METHODS, WEIGHTS
from chaos.scene import Scene

PASSWORD = "correct horse battery staple"  # noqa: S105 - of a site that lives for minutes
PATIENCE_SECONDS = 120.0
AGAIN_SECONDS = 0.5


class Person(threading.Thread):
    """Submits its share, with pauses. What the site confirmed is in the ledger; `problem` says why it gave up."""

    def __init__(self, scene: Scene, name: str, titles: list[str], pause: float, rng: random.Random) -> None:
        super().__init__(name=name, daemon=True)
        self.problem = ""
        self._scene, self._titles, self._pause, self._rng = scene, titles, pause, rng
        self._http = httpx.Client(base_url=f"{scene.site.url}/api/v1/", timeout=10, trust_env=False)

    def run(self) -> None:
        try:
            with self._http:
                self._sign_up()
                for title in self._titles:
                    if self._scene.stop.wait(self._rng.uniform(0, 2 * self._pause)):
                        return
                    self._submit(title)
        except Exception as error:
            self.problem = f"{self.name} gave up: {type(error).__name__}: {error}"

    def _sign_up(self) -> None:
        # The name is taken when an answer was lost on the way: then the account is there all the same.
        self._post("accounts", {"username": self.name, "password": PASSWORD}, accept=(201, 400, 409, 422))
        answer = self._post("tokens", {"name": "chaos"}, auth=(self.name, PASSWORD))
        self._http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def _submit(self, title: str) -> None:
        (method,) = self._rng.choices(list(METHODS), [WEIGHTS[name] for name in METHODS])
        config = {"answer": self._rng.randrange(CLASSES)}
        # Few settings for many people: the same comes more than once, and is meant.
        body = {"benchmark": BENCHMARK.name, "method": method, "track": "open", "title": title, "config": config}
        body |= {"again": True}
        answer = self._post("submissions", body, accept=(200, 201), headers={"Idempotency-Key": title})
        self._scene.ledger.accepted[str(answer.json()["id"])] = title

    def _post(
        self, path: str, body: dict[str, Any], accept: tuple[int, ...] = (201,), **options: Any
    ) -> httpx.Response:
        """Tried again while the site is away; raises for a refusal."""
        for _ in range(round(PATIENCE_SECONDS / AGAIN_SECONDS)):
            answer = self._try(path, body, options)
            if answer is not None and answer.status_code in accept:
                return answer
            if answer is not None and answer.status_code < 500 and answer.status_code != 429:
                raise RuntimeError(f"{path}: HTTP {answer.status_code}: {answer.text[:300]}")
            if self._scene.stop.wait(AGAIN_SECONDS):
                break
        raise RuntimeError(f"{path}: no answer within {PATIENCE_SECONDS:.0f} s")

    def _try(self, path: str, body: dict[str, Any], options: dict[str, Any]) -> httpx.Response | None:
        try:
            return self._http.post(path, json=body, **options)
        except httpx.HTTPError:
            return None


def start_people(scene: Scene, runs: int, people: int, every: float, rng: random.Random) -> list[Person]:
    """`runs` submissions by `people`, one about every `every` seconds."""
    titles = [f"chaos {number}" for number in range(runs)]
    started = [
        Person(scene, f"chaos-{i}", titles[i::people], every * people, random.Random(rng.random()))  # noqa: S311
        for i in range(people)
    ]
    for person in started:
        person.start()
    return started
