"""What an author does with an entry of theirs: pages that say what comes of it before it is done."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from farfield_web.entries import verbs
from farfield_web.entries.withdrawn import withdrawal_of
from farfield_web.errors import SubmissionError
from farfield_web.pages.people import person_of
from farfield_web.pages.submit.drafts import sign_in_first, take
from farfield_web.submissions.models import Submission


class WordsForm(forms.Form):
    """The words of an entry; what they may be is `entries.verbs`'s to say."""

    title = forms.CharField(required=False, max_length=100, help_text="What tells it from your other entries.")
    note = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 6}), help_text="Shown on its page."
    )


class ReasonForm(forms.Form):
    """Why an entry is withdrawn."""

    reason = forms.CharField(
        max_length=500,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Everybody can read it, where the entry stood and on its page.",
    )


@never_cache
@require_http_methods(["GET", "POST"])
@sign_in_first
def edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Another title or note."""
    submission = _own(request, pk)
    filled = request.POST if request.method == "POST" else take(request)
    form = WordsForm(filled, initial={"title": submission.title, "note": submission.note})
    if request.method == "POST" and form.is_valid():
        done = _done(form, lambda: verbs.edit(submission, person_of(request), **form.cleaned_data))
        if done:
            messages.success(request, "Changed.")
            return redirect("submission", pk=pk)
    return _page(request, "edit", submission, form=form)


@never_cache
@require_http_methods(["GET", "POST"])
@sign_in_first
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Off the boards, with a reason."""
    submission = _own(request, pk)
    form = ReasonForm(request.POST if request.method == "POST" else take(request))
    if request.method == "POST" and form.is_valid():
        done = _done(form, lambda: verbs.withdraw(submission, person_of(request), form.cleaned_data["reason"]))
        if done:
            messages.success(request, "Withdrawn. You can take it back on its page.")
            return redirect("submission", pk=pk)
    return _page(request, "withdraw", submission, form=form)


@never_cache
@require_POST
@sign_in_first
def take_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Back where it stood."""
    submission = _own(request, pk)
    try:
        verbs.take_back(submission, person_of(request))
    except SubmissionError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "It is on the boards again.")
    return redirect("submission", pk=pk)


@never_cache
@require_http_methods(["GET", "POST"])
@sign_in_first
def author(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Hide whose it is, or show it again; a GET says what that would leave visible."""
    submission = _own(request, pk)
    if request.method != "POST":
        return _page(request, "author", submission)
    hide = request.POST.get("hide") == "1"
    verbs.hide_author(submission, person_of(request), hide=hide)
    messages.success(request, "Your name is hidden on it." if hide else "Your name is shown on it again.")
    return redirect("submission", pk=pk)


def _own(request: HttpRequest, pk: uuid.UUID) -> Submission:
    submission = get_object_or_404(Submission.objects.select_related("method", "owner", "upload__content"), pk=pk)
    if submission.owner_id != request.user.pk:
        raise PermissionDenied("Only the person who submitted it may do that.")
    return submission


def _done(form: forms.Form, verb: Callable[[], None]) -> bool:
    """Whether it was done; else the form says why not."""
    try:
        verb()
    except SubmissionError as error:
        form.add_error(error.field if error.field in form.fields else None, f"{error.message} {error.hint or ''}")
        return False
    return True


def _page(request: HttpRequest, name: str, submission: Submission, **more: Any) -> HttpResponse:
    context = {"section": "mine", "submission": submission, "withdrawal": withdrawal_of(submission), **more}
    refused = request.method == "POST" and bool(more.get("form"))
    return render(request, f"pages/entry_{name}.html", context, status=422 if refused else 200)
