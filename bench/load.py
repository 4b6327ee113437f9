"""Pages asked for by several clients at once, in a process of their own: `python -m bench.load URL CLIENTS < paths`.

Reads a JSON list of lists of paths, one list for each page, and answers a JSON list of seconds for each. Pages take
turns, so that a drift of the machine's speed hits all of them.
"""

import http.client
import json
import random
import sys
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

ROUNDS = 12  # of each client, of each page


def main() -> None:
    url, clients = sys.argv[1], int(sys.argv[2])
    print(json.dumps(loaded(url, json.load(sys.stdin), clients)))


def loaded(url: str, pages: Sequence[Sequence[str]], clients: int, rounds: int = ROUNDS) -> list[list[float]]:
    """Seconds of every request, for each page."""
    seconds: list[list[float]] = [[] for _ in pages]
    threads = [
        threading.Thread(target=_client, args=(url, pages, rounds, number, seconds)) for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds


def _client(url: str, pages: Sequence[Sequence[str]], rounds: int, number: int, seconds: list[list[float]]) -> None:
    server, draws = http.client.HTTPConnection(urlsplit(url).netloc), random.Random(number)  # noqa: S311 - no secret
    for _ in range(rounds):
        for page, paths in enumerate(pages):
            seconds[page].append(timed(server, draws.choice(paths), draws))


def timed(server: http.client.HTTPConnection, path: str, draws: random.Random) -> float:
    """Seconds until the whole answer is there, as a browser takes it; from another address each time."""
    # The limit of calls counts by address, and many people have many.
    address = f"10.{draws.randrange(256)}.{draws.randrange(256)}.{draws.randrange(256)}"
    started = time.perf_counter()
    server.request("GET", path, headers={"Accept-Encoding": "gzip", "X-Forwarded-For": address})
    answer = server.getresponse()
    answer.read()
    took = time.perf_counter() - started
    if answer.status != 200:
        raise RuntimeError(f"{path} was answered with {answer.status}")
    return took


if __name__ == "__main__":
    main()
