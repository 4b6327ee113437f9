"""The pages of coverage: every row with a place of its own, and the way there from a method and a benchmark."""

import pytest
from django.test import Client
from tests.unit.pages.content import Site

from farfield_evaluators.coverage import Level, rows_of, tables

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def test_every_row_has_its_place_and_what_is_shown_here_its_link(client: Client, site: Site) -> None:
    [table] = [each for each in tables() if each.name == "openood"]
    page = client.get("/coverage/openood/").content.decode()
    assert all(f'<tr id="{row.anchor}">' in page for row in table.rows)
    assert '<a href="/benchmarks/ood-detection/mini/">' not in page
    assert '<a href="/benchmarks/ood-detection/imagenet/">ood-detection/imagenet</a>' in page
    assert "<code>energy</code>" in page  # no worker offers it
    index = client.get("/coverage/").content.decode()
    assert f">{sum(row.level is Level.EQUAL for row in table.rows)}</td>" in index
    assert client.get("/coverage/nothing/").status_code == 404


def test_a_benchmark_leads_to_its_rows(client: Client, site: Site) -> None:
    page = client.get("/benchmarks/domainbed/pacs/").content.decode()
    rows = rows_of("benchmark:domainbed/pacs")
    assert rows
    for table, row in rows:
        assert f'<a href="/coverage/{table.name}/#{row.anchor}">{row.name}</a>' in page
