"""A benchmark of one's own on a site: its owner enters, a worker runs it, the board is there, and for nobody else."""

import httpx
import pytest
from tests.live import Live
from tests.owned import NAME, OWNER, TITLE

pytestmark = [pytest.mark.services, pytest.mark.slow]


def test_an_owners_entry_goes_the_whole_way_and_nobody_else_sees_it(live: Live) -> None:
    owner, other = live.sign_up(OWNER), live.sign_up("owner-of-nothing")
    with owner.api as ada, other.api as grace:
        body = {"benchmark": NAME, "method": "constant", "track": "open", "config": {}}
        live.wait(lambda: ada.get("methods/constant").is_success and ada.get(f"benchmarks/{NAME}").json()["has_data"])
        entered = ada.post("submissions", json=body)
        assert entered.status_code == 201, entered.text
        number = entered.json()["id"]
        done = owner.finished(number)
        assert done["status"] == "succeeded", done
        (row,) = ada.get(f"leaderboards/{NAME}").json()["rows"]
        assert (row["submission"], row["rank"]) == (number, 1)
        figures = {(s["metric"], s["domain"]): s["value"] for s in done["runs"][0]["scores"]}
        assert figures["worst-place-label-accuracy", "test"] == 0  # whatever the one class is that it answers
        assert figures["accuracy", "id"] == 0.5
        refused = grace.post("submissions", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "benchmark.unknown")
        run = done["runs"][0]["id"]
        for path in (
            f"leaderboards/{NAME}",
            f"benchmarks/{NAME}",
            f"submissions/{number}",
            f"runs/{run}",
            f"runs/{run}/log",
        ):
            assert ada.get(path).status_code == 200, path
            assert grace.get(path).status_code == 404, path
        for page in (f"boards/{NAME}/", f"submissions/{number}/", f"runs/{run}/"):
            assert httpx.get(f"{live.site.url}/{page}").status_code == 404, page
        assert TITLE not in httpx.get(f"{live.site.url}/").text
