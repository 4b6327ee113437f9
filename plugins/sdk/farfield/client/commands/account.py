"""`farfield login`, `logout` and `whoami`: a token of a site, kept in a file that only its owner reads."""

import argparse
import getpass
import sys
from typing import Any
from urllib.parse import urlsplit

from farfield.client import credentials
from farfield.client.commands.common import command, say, show, site_of
from farfield.client.errors import SiteRefused
from farfield.client.site import Site
from farfield.errors import FarfieldError, UsageError

USUAL = ("read", "submit")
SCOPES = ("read", "submit", "manage", "operate")
NOT_ENOUGH = "auth.password_not_enough"
NEAR = ("localhost", "127.0.0.1", "::1")


def add_login(commands: Any) -> None:
    """Add `farfield login` to the subparsers."""
    parser = command(
        commands,
        "login",
        "make a token of a site with your name and password, and keep it for the other commands",
        "login --site https://farfield.example",
        "login --site https://farfield.example --token-stdin < my-token",
        more="An account with a second factor makes its token on the account's page, and gives it to --token-stdin.",
    )
    parser.add_argument("--name", default="", metavar="NAME", help="your user name (asked for if absent)")
    parser.add_argument("--token-stdin", action="store_true", help="read a token that you have, in place of a password")
    usual = f"what the token may do (default: {' '.join(USUAL)})"
    parser.add_argument("--scopes", nargs="+", choices=SCOPES, default=list(USUAL), metavar="SCOPE", help=usual)
    parser.set_defaults(run=_login)


def _login(args: argparse.Namespace) -> int:
    url = credentials.site_url(args.site)
    if urlsplit(url).scheme == "http" and urlsplit(url).hostname not in NEAR:
        say(f"farfield: {url} is not encrypted: whoever is between you and the site can read your password and token")
    token = sys.stdin.readline().strip() if args.token_stdin else _by_password(args, url)
    if not token:
        raise UsageError("there is no token on standard input; write it there, such as with < my-token")
    name = Site(url, token).me()["username"]
    file = credentials.keep(url, token)
    show(args, {"site": url, "username": name, "file": str(file)}, f"signed in at {url} as {name}; kept in {file}")
    return 0


def _by_password(args: argparse.Namespace, url: str) -> str:
    if not sys.stdin.isatty() and not args.name:
        raise UsageError("nobody is there to be asked; give --name and type the password, or use --token-stdin")
    name = args.name or input(f"user name at {url}: ")
    password = getpass.getpass(f"password of {name} at {url}: ")
    try:
        return Site(url, "none").make_token(name, password, args.scopes)
    except SiteRefused as error:
        if error.code == NOT_ENOUGH:
            page = f"make a token at {url}/account/, then: farfield login --site {url} --token-stdin"
            raise SiteRefused(error.code, f"{error} To go on here, {page}") from error
        raise


def add_logout(commands: Any) -> None:
    """Add `farfield logout` to the subparsers."""
    parser = command(
        commands,
        "logout",
        "revoke the token that `farfield login` keeps of a site, and forget it",
        "logout --site https://farfield.example",
        more="A token that could not be revoked is forgotten all the same, and the status is 1.",
    )
    parser.set_defaults(run=_logout)


def _logout(args: argparse.Namespace) -> int:
    url = credentials.site_url(args.site)
    token = credentials.forget(url)
    if not token:
        show(args, {"site": url, "forgotten": False, "revoked": False}, f"{url}: there was no token")
        return 0
    why = _why_not_revoked(Site(url, token))
    told = f"forgotten here, but not revoked ({why}); revoke it at {url}/account/" if why else "revoked, and forgotten"
    show(args, {"site": url, "forgotten": True, "revoked": not why}, f"{url}: {told}")
    return 1 if why else 0


def _why_not_revoked(site: Site) -> str:
    try:
        site.revoke()
    except FarfieldError as error:
        return str(error)
    return ""


def add_whoami(commands: Any) -> None:
    """Add `farfield whoami` to the subparsers."""
    parser = command(
        commands, "whoami", "say as whom the other commands act on a site", "whoami --site https://farfield.example"
    )
    parser.set_defaults(run=_whoami)


def _whoami(args: argparse.Namespace) -> int:
    site = site_of(args)
    name = site.me()["username"]
    show(args, {"site": site.url, "username": name}, f"{name} at {site.url}")
    return 0
