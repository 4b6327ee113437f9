"""For which team an entry was made, as readers are told."""

import uuid

from django.core.exceptions import ObjectDoesNotExist

from farfield_web.people.models import Team, TeamEntry

# What a query of submissions is to bring along, so that `team_of` asks nothing more.
WITH_TEAM = "team_entry__team"


def enter(submission: uuid.UUID, team: Team | None) -> None:
    """Keep that a new entry is for a team; nothing where it is for none."""
    if team is not None:
        TeamEntry.objects.get_or_create(submission_id=submission, defaults={"team": team})


def team_of(submission: object) -> str:
    """The team's name; empty where it is for none."""
    try:
        return str(submission.team_entry.team.name)  # type: ignore[attr-defined] # of the model above this app
    except ObjectDoesNotExist:
        return ""
