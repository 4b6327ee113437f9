"""The pictures of pages in the documents, light and dark, from the demo's site: `make screenshots` after a `make demo`.

It starts the site that lies in `var`, with an operator of its own for the time, and needs Chromium.
"""

import io
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from farfield_evaluators.paths import var_folder
from farfield_local.site import Site, running_site

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "images"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
BOARD = "imagenet-ood/mini"
COMPARED = 3
SIZE: ViewportSize = {"width": 1280, "height": 800}
QUALITY = 80
READY_SECONDS, COMPARED_SECONDS = 60.0, 120.0
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")


def main() -> int:
    """Take them all anew."""
    chromium = next(
        (path for name in (os.environ.get("CHROMIUM"), "chromium") if name and (path := shutil.which(name))), None
    )
    if chromium is None:
        print("There is no Chromium: install it, or set CHROMIUM to its path.", file=sys.stderr)
        return 1
    with running_site(var_folder(), None, print) as site, operator(site) as (name, password):
        site.wait(lambda: httpx.get(f"{site.url}/healthz").is_success, READY_SECONDS, "the site")
        addresses = pages(site.url)
        if not addresses:
            print(f"Nothing ranked on {BOARD}: run `make demo ONCE=1` first.", file=sys.stderr)
            return 1
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
            reader = browser.new_page(base_url=site.url, viewport=SIZE)
            operates = signed_in(browser, site.url, name, password)
            for title, address in addresses.items():
                page = operates if title == "operate" else reader
                for scheme in SCHEMES:
                    take(page, address, scheme, FOLDER / f"{title}-{scheme}.webp")
            browser.close()
    return 0


def pages(url: str) -> dict[str, str]:
    """The addresses of what is shown, by the names of their files; none where the board has no two ranked entries."""
    rows = httpx.get(f"{url}/api/v1/leaderboards/{BOARD}").json()["rows"]
    best = [row["submission"] for row in rows if row["rank"]][:COMPARED]
    if len(best) < COMPARED:
        return {}
    chosen = "&".join(f"entries={number}" for number in best)
    return {
        "home": "/",
        "board": f"/boards/{BOARD}/",
        "compare": f"/compare/?{chosen}",
        "entry": f"/submissions/{best[0]}/",
        "operate": "/operate/",
    }


@contextmanager
def operator(site: Site) -> Iterator[tuple[str, str]]:
    """An operator's name and password; the account is gone afterwards."""
    name, password = f"operator-{secrets.token_hex(2)}", secrets.token_urlsafe(16)
    manage(site, "createsuperuser", "--noinput", "--username", name, "--email", "", DJANGO_SUPERUSER_PASSWORD=password)
    try:
        yield name, password
    finally:
        forget = f"from farfield_web.accounts.models import User; User.objects.get(username={name!r}).delete()"
        manage(site, "shell", "--no-imports", "--command", forget)


def manage(site: Site, *arguments: str, **variables: str) -> None:
    """A command of manage.py on that site."""
    within = ("sh", "-c", '. "$0" && exec "$@"', str(site.var / "manage.env"))
    command = (*within, sys.executable, str(ROOT / "manage.py"), *arguments)
    subprocess.run(command, check=True, env={**os.environ, **variables})


def signed_in(browser: Browser, url: str, name: str, password: str) -> Page:
    """A window of the operator's."""
    page = browser.new_page(base_url=url, viewport=SIZE)
    page.goto("/account/sign-in/")
    page.locator("main input[name=username]").fill(name)
    page.locator("main input[name=password]").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    return page


def take(page: Page, address: str, scheme: Literal["light", "dark"], file: Path) -> None:
    """One picture of the top of a page, as WebP."""
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    # What the site's worker is still comparing says so, and asks again by itself.
    page.locator("#contrast[hx-get]").wait_for(state="detached", timeout=1000 * COMPARED_SECONDS)
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(file, "WEBP", quality=QUALITY, method=6)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    raise SystemExit(main())
