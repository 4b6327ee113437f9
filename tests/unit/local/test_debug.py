"""A site to work on: what of the shell reaches its processes."""

from farfield_local.processes import while_working


def test_what_the_shell_says_reaches_the_site_but_not_where_its_parts_are() -> None:
    shell = {
        "FARFIELD_UPLOADS_PER_HOUR": "7",
        "FARFIELD_DATABASE_URL": "postgres://elsewhere",
        "FARFIELD_SECRET_KEY": "mine",
        "FARFIELD_VAR": "/elsewhere",
        "DJANGO_SETTINGS_MODULE": "mine",
        "HOME": "/me",
    }
    assert while_working(shell) == {"FARFIELD_DEBUG": "true", "FARFIELD_UPLOADS_PER_HOUR": "7"}


def test_debug_can_be_switched_off() -> None:
    assert while_working({"FARFIELD_DEBUG": "false"}) == {"FARFIELD_DEBUG": "false"}
