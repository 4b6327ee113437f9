"""A client of the public API, as anybody could write one."""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from farfield_local.errors import LocalError

TIMEOUT_SECONDS = 20.0
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0)
Json = dict[str, Any]


class ApiError(LocalError):
    """The site refused a request; the message is the site's own."""

    code = "local.api"

    def __init__(self, status: int, api_code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.api_code = api_code


class Api:
    """Requests that are safe to repeat, and are repeated while the web server is being started again."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(
            base_url=f"{url}/api/v1/", timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False
        )

    def use_token(self, token: str) -> None:
        """Be the person whose token this is."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **params: str) -> Any:
        return self._ask("GET", path, params=params)

    def post(
        self, path: str, body: Json, *, auth: tuple[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        return self._ask("POST", path, json=body, auth=auth, headers=headers)

    def close(self) -> None:
        self._http.close()

    def _ask(self, verb: str, path: str, **options: Any) -> Any:
        response = self._answer(verb, path, {name: value for name, value in options.items() if value is not None})
        if response.is_success:
            return response.json()
        raise _refusal(verb, path, response)

    def _answer(self, verb: str, path: str, options: Json) -> httpx.Response:
        for seconds in RETRY_SECONDS:
            try:
                response = self._http.request(verb, path, **options)
            except httpx.TransportError:
                time.sleep(seconds)
                continue
            if not response.is_server_error:
                return response
            time.sleep(seconds)
        try:
            return self._http.request(verb, path, **options)
        except httpx.TransportError as error:
            raise ApiError(0, "unreachable", f"{verb} {path}: the site does not answer ({error})") from error


def _refusal(verb: str, path: str, response: httpx.Response) -> ApiError:
    try:
        error: Json = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return ApiError(response.status_code, "", f"{verb} {path}: HTTP {response.status_code}")
    hint = f" {error['hint']}" if error.get("hint") else ""
    return ApiError(response.status_code, str(error["code"]), f"{verb} {path}: {error['message']}{hint}")
