"""Requests that schemathesis makes from the API's schema, those that fit and those that do not."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import hypothesis
import requests
import schemathesis
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fuzz.api import ANSWER_SECONDS, fitting, said
from fuzz.case import Case, Wrong

Send = Callable[[Case, Callable[[httpx.Client], httpx.Response]], None]
SHARE_OF_KNOWN = 0.5
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


def operations(schema: Path) -> list[Any]:
    """Every operation of the schema."""
    return [result.ok() for result in schemathesis.openapi.from_path(schema).get_all_operations()]


def round_of(operation: Any, seed: int, examples: int, send: Send, known: Sequence[str]) -> None:
    """Send some requests of an operation, as many that break the schema as that fit it; `known` are names that are."""
    rng = Random(seed)
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        _draw(operation, mode, seed, examples, partial(_one, rng, send, mode, known))


def _draw(operation: Any, mode: GenerationMode, seed: int, examples: int, use: Callable[[Any], None]) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def request(case: Any) -> None:
        use(case)

    # Nothing breaks a schema that asks for nothing.
    with suppress(hypothesis.errors.Unsatisfiable):
        request()


def _one(rng: Random, send: Send, mode: GenerationMode, known: Sequence[str], case: Any) -> None:
    if mode is GenerationMode.POSITIVE:
        _at_home(rng, case, known)
    send(said(case), partial(_call, case=case))


def _call(client: httpx.Client, case: Any) -> httpx.Response:
    """By schemathesis' own client, with our token; errors and answers in the terms of ours."""
    bearer = {"Authorization": client.headers.get("Authorization", "")}
    try:
        answer = case.call(base_url=str(client.base_url).rstrip("/"), headers=bearer, timeout=ANSWER_SECONDS)
    except (requests.ConnectionError, requests.Timeout) as error:
        raise httpx.ReadError(str(error)) from error
    except (requests.RequestException, ValueError) as error:
        raise httpx.InvalidURL(str(error)) from error  # it is no request that could be sent
    try:
        case.validate_response(answer, checks=CHECKS)
    except (Failure, FailureGroup) as error:
        raise Wrong(f"{answer.status_code}, not as the schema says: {_told(error)}") from error
    return httpx.Response(answer.status_code, content=answer.content)  # which may be a picture


def _told(error: Failure | FailureGroup[Failure]) -> str:
    each = error.exceptions if isinstance(error, FailureGroup) else (error,)
    return "; ".join(str(failure)[:600] for failure in each)


def _at_home(rng: Random, case: Any, known: Sequence[str]) -> None:
    """Names that are there, in place of some that were made up."""
    for values in (case.path_parameters, case.query, case.body):
        if isinstance(values, dict):
            for name, value in list(values.items()):
                if isinstance(value, str) and rng.random() < SHARE_OF_KNOWN:
                    values[name] = rng.choice(fitting(value, known))
