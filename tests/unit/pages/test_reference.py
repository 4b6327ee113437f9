"""The pages of the API's reference: every operation stands there, and its examples send what the schema takes."""

import ast
import json
import shlex

import jsonschema
import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from farfield_web.pages.reference.described import Operation, resources_of

pytestmark = [pytest.mark.django_db, pytest.mark.services]
SCHEMA = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
OPERATIONS = [each for resource in resources_of(SCHEMA, settings.SITE_URL) for each in resource.operations]


def test_every_operation_of_the_schema_is_on_a_page(client: Client) -> None:
    names = [each["operationId"] for path in SCHEMA["paths"].values() for each in path.values()]
    assert sorted(each.name for each in OPERATIONS) == sorted(names)
    index = client.get("/reference/").content.decode()
    for resource in resources_of(SCHEMA, settings.SITE_URL):
        page = client.get(f"/reference/{resource.name}/").content.decode()
        for each in resource.operations:
            assert f'<h2 id="{each.name}">' in page
            assert f"/reference/{resource.name}/#{each.name}" in index


def test_what_is_no_resource_is_not_there(client: Client) -> None:
    assert client.get("/reference/nonsense/").status_code == 404


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_examples_ask_for_what_there_is(operation: Operation) -> None:
    words = shlex.split(operation.curl.replace("$TOKEN", "ff_token"))
    address = words[-1].removeprefix(settings.SITE_URL).partition("?")[0]
    assert resolve(address).view_name.startswith("api:")
    assert words[0] == "curl"
    named = [node for node in ast.walk(ast.parse(operation.python)) if isinstance(node, ast.Call)]
    assert any(getattr(call.func, "attr", "") in ("request", "upload") for call in named)
    if "--json" in words:
        body = json.loads(words[words.index("--json") + 1])
        said = SCHEMA["paths"][operation.path][operation.verb.lower()]["requestBody"]["content"]["application/json"]
        whole = {**said["schema"], "components": SCHEMA["components"]}
        jsonschema.Draft202012Validator(whole).validate(body)
        (sent,) = [ast.literal_eval(k.value) for call in named for k in call.keywords if k.arg == "body"]
        assert sent == body
