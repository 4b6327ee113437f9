"""Addresses below /api/v1."""

from django.urls import path, re_path

from farfield_web.api.errors import not_found
from farfield_web.api.views import (
    accounts,
    benchmarks,
    compare,
    confusions,
    entries,
    environments,
    exports,
    hosting,
    methods,
    plots,
    runs,
    schema,
    standings,
    submissions,
    uploads,
)

app_name = "api"
urlpatterns = [
    path("schema", schema.Schema.as_view(), name="schema"),
    path("accounts", accounts.Accounts.as_view(), name="accounts"),
    path("me", accounts.Myself.as_view(), name="me"),
    path("quota", accounts.Quotas.as_view(), name="quota"),
    path("tokens", accounts.Tokens.as_view(), name="tokens"),
    path("tokens/<int:number>", accounts.OneToken.as_view(), name="token"),
    path("environments", environments.Environments.as_view(), name="environments"),
    path("benchmarks", benchmarks.BenchmarkList.as_view(), name="benchmarks"),
    path("benchmarks/<path:name>/rules", hosting.RulesOfBenchmark.as_view(), name="rules"),
    path("benchmarks/<path:name>/phases", hosting.Phases.as_view(), name="phases"),
    path("benchmarks/<path:name>/phases/<slug:phase>", hosting.OnePhase.as_view(), name="phase"),
    path("benchmarks/<path:name>", benchmarks.BenchmarkDetail.as_view(), name="benchmark"),
    path("leaderboards/<path:name>/plots", plots.Plots.as_view(), name="plots"),
    path("leaderboards/<path:name>/plots/<slug:plot>", plots.OnePlot.as_view(), name="plot"),
    path("leaderboards/<path:name>", benchmarks.Leaderboard.as_view(), name="leaderboard"),
    path("compare", compare.Compare.as_view(), name="compare"),
    path("standings", standings.StandingsView.as_view(), name="standings"),
    path("methods", methods.MethodList.as_view(), name="methods"),
    path("methods/<slug:name>", methods.MethodDetail.as_view(), name="method"),
    path("submissions", submissions.Submissions.as_view(), name="submissions"),
    path("submissions/<uuid:number>", submissions.OneSubmission.as_view(), name="submission"),
    path("submissions/<uuid:number>/cancel", submissions.Cancel.as_view(), name="cancel"),
    path("submissions/<uuid:number>/retry", submissions.Retry.as_view(), name="retry"),
    path("submissions/<uuid:number>/classes", confusions.Confusions.as_view(), name="classes"),
    path("submissions/<uuid:number>/withdrawal", entries.Withdrawal.as_view(), name="withdrawal"),
    path("submissions/<uuid:number>/records", submissions.Records.as_view(), name="records"),
    path("uploads", uploads.Uploads.as_view(), name="uploads"),
    path("runs/<uuid:number>", runs.OneRun.as_view(), name="run"),
    path("runs/<uuid:number>/attestation", exports.Attestation.as_view(), name="attestation"),
    path("runs/<uuid:number>/retry", runs.RetryRun.as_view(), name="retry-run"),
    path("runs/<uuid:number>/events", runs.Events.as_view(), name="events"),
    path("runs/<uuid:number>/log", runs.Log.as_view(), name="log"),
    re_path("", not_found),
]
