"""A site that answers from a list, and remembers what it was asked."""

from collections.abc import Callable
from typing import Any

import httpx

from farfield.client import Site

URL = "https://farfield.example"
Answer = Callable[[httpx.Request], httpx.Response]


def said(status: int, body: Any, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


def error(code: str, message: str = "No.", hint: str | None = None, field: str | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "hint": hint, "field": field}}


class Answering:
    """Answers in turn, the last for ever; what is an exception is raised. `slept` are the pauses between."""

    def __init__(self, *answers: httpx.Response | Exception | Answer, token: str = "ff_token") -> None:
        self.answers, self.asked = list(answers), list[httpx.Request]()
        self.slept = list[float]()
        self.site = Site(URL, token, transport=httpx.MockTransport(self._answer), sleep=self.slept.append)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)
