"""Pages of people and teams."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from farfield_web.accounts import throttle
from farfield_web.accounts.models import User
from farfield_web.gate import viewer_of
from farfield_web.pages.people import person_of
from farfield_web.pages.profiles.view import MOST_ENTRIES, best_places, entries_for, entries_of, people_of
from farfield_web.pages.submissions.view import list_items
from farfield_web.people import teams
from farfield_web.people.links import links_of
from farfield_web.people.models import MEMBER, ORGANISATION, OWNER, TEAM, Team
from farfield_web.people.teams import TeamError
from farfield_web.storable import is_text

PER_PAGE, MOST_LETTERS = 50, 150
Deed = Callable[[User, Team, str], object]


class TeamForm(forms.Form):
    """A new team."""

    name = forms.CharField(max_length=60, label="Name", help_text="Letters, digits and @ . + - _, as for people.")
    kind = forms.ChoiceField(label="It is", choices=[(TEAM, "a team"), (ORGANISATION, "an organisation")])


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Who has entered something, for anyone: `?q=` is a part of the name."""
    wanted = request.GET.get("q", "").strip()[:MOST_LETTERS]
    found = people_of(viewer_of(request), wanted if is_text(wanted) else "")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "pages/people.html", {"section": "people", "page": page, "wanted": wanted})


@require_safe
def profile(request: HttpRequest, name: str) -> HttpResponse:
    """A person, for anyone."""
    person = get_object_or_404(User, username=name, is_active=True)
    entries = entries_of(person, viewer_of(request))
    context = {
        "section": "people",
        "person": person,
        "items": list_items(list(entries[:MOST_ENTRIES])),
        "total": entries.count(),
        "places": best_places(person, entries, viewer_of(request)),
        "links": links_of(person),
        "memberships": person.memberships.select_related("team"),
    }
    return render(request, "pages/profile.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """My teams, those that ask me in, and a form for a new one."""
    person, form = person_of(request), TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        throttle.take("account changes", f"person {person.pk}", "You have changed very much within the hour.")
        try:
            return redirect("team", teams.create(person, form.cleaned_data["name"], form.cleaned_data["kind"]).name)
        except TeamError as error:
            form.add_error(error.field, error.message)
    context = {
        "section": "account",
        "form": form,
        "memberships": person.memberships.select_related("team"),
        "invitations": person.invitations.select_related("team"),
    }
    return render(request, "pages/teams/mine.html", context, status=422 if form.errors else 200)


@require_safe
def team(request: HttpRequest, name: str) -> HttpResponse:
    """A team, for anyone; the buttons are its owners'."""
    found = get_object_or_404(Team, name=name)
    viewer = viewer_of(request)
    entries = entries_for(found, viewer)
    role = teams.role_of(viewer, found)
    context = {
        "section": "people",
        "team": found,
        "role": role,
        "asked": viewer.is_authenticated and found.invitations.filter(user=viewer.pk).exists(),
        "members": found.memberships.select_related("user"),
        "invitations": found.invitations.select_related("user") if role == OWNER else (),
        "items": list_items(list(entries[:MOST_ENTRIES])),
        "total": entries.count(),
    }
    return render(request, "pages/teams/team.html", context)


DEEDS: dict[str, tuple[Deed, str]] = {
    "invite": (teams.invite, "{who} was asked in."),
    "accept": (lambda person, team, who: teams.accept(person, team), "You are in {team} now."),
    "decline": (lambda person, team, who: teams.decline(person, team), "You stay out of {team}."),
    "owner": (lambda person, team, who: teams.set_role(person, team, who, OWNER), "{who} is an owner now."),
    "member": (lambda person, team, who: teams.set_role(person, team, who, MEMBER), "{who} is a member now."),
    "remove": (teams.remove, "{who} is not in {team} any more."),
    "dissolve": (lambda person, team, who: teams.dissolve(person, team), "{team} is no more."),
}


@login_required
@require_POST
def change_team(request: HttpRequest, name: str) -> HttpResponse:
    """One deed, by the name of the button; what is refused is said on the page of the team."""
    found, person = get_object_or_404(Team, name=name), person_of(request)
    who = request.POST.get("who", "").strip()
    throttle.take("account changes", f"person {person.pk}", "You have changed very much within the hour.")
    deed, done = DEEDS.get(request.POST.get("deed", ""), (None, ""))
    if deed is None:
        return redirect("team", name)
    try:
        deed(person, found, who)
    except TeamError as error:
        messages.error(request, error.message)
        return redirect("team", name)
    messages.success(request, done.format(who=who, team=name))
    return redirect("team", name) if Team.objects.filter(pk=found.pk).exists() else redirect("teams")
