"""Where each page lives."""

from django.urls import include, path, register_converter
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView, TemplateView

from farfield_web.pages.boards import benchmarks, frozen
from farfield_web.pages.boards import views as boards
from farfield_web.pages.compare import plot_views, standings_views
from farfield_web.pages.compare import views as compare
from farfield_web.pages.converters import BenchmarkName
from farfield_web.pages.coverage import views as coverage
from farfield_web.pages.exports import views as exports
from farfield_web.pages.hosting import views as hosting
from farfield_web.pages.methods import views as methods
from farfield_web.pages.profiles import views as profiles
from farfield_web.pages.reference import views as reference
from farfield_web.pages.runs import streams
from farfield_web.pages.runs import views as runs
from farfield_web.pages.submissions import own
from farfield_web.pages.submissions import views as submissions
from farfield_web.pages.submit import bring
from farfield_web.pages.submit import views as submit
from farfield_web.pages.suites import views as suites
from farfield_web.pages.views import environments, home, metrics

register_converter(BenchmarkName, "benchmark")

FAVICON = require_safe(RedirectView.as_view(url="/static/farfield/mark.svg"))
ABOUT = TemplateView.as_view(template_name="pages/about.html", extra_context={"section": "about"})

ROBOTS = TemplateView.as_view(template_name="robots.txt", content_type="text/plain; charset=utf-8")

urlpatterns = [
    path("favicon.ico", FAVICON, name="favicon"),
    path("robots.txt", ROBOTS, name="robots"),
    path("", home.home, name="home"),
    path("about/", ABOUT, name="about"),
    path("coverage/", coverage.index, name="coverage"),
    path("coverage/<slug:name>/", coverage.table, name="coverage-table"),
    path("reference/", reference.index, name="api-reference"),
    path("reference/<slug:name>/", reference.resource, name="api-resource"),
    path("benchmarks/", benchmarks.listing, name="benchmarks"),
    path("benchmarks/<benchmark:name>/card.md", benchmarks.card, name="benchmark-card"),
    path("benchmarks/<benchmark:name>/", benchmarks.detail, name="benchmark"),
    path("benchmarks/<benchmark:name>/hosting/", hosting.rules, name="hosting"),
    path("boards/<benchmark:name>/groups.csv", boards.groups, name="board-groups"),
    path("boards/<benchmark:name>/board.json", exports.board_json, name="board-json"),
    path("boards/<benchmark:name>/board.parquet", exports.board_parquet, name="board-parquet"),
    path("boards/<benchmark:name>/openood.csv", exports.board_openood, name="board-openood"),
    path("boards/<benchmark:name>/feed.atom", exports.board_feed, name="board-feed"),
    path("benchmarks/<benchmark:name>/croissant.json", exports.croissant, name="croissant"),
    path("badge/<uuid:pk>.svg", exports.badge, name="badge"),
    path("embed/<benchmark:name>/", exports.embed, name="embed"),
    path("feed.atom", exports.site_feed, name="site-feed"),
    path("boards/<benchmark:name>/board.csv", boards.board_csv, name="board-csv"),
    path("boards/<benchmark:name>/board.tex", boards.board_latex, name="board-latex"),
    path("boards/<benchmark:name>/board.bib", boards.board_bibtex, name="board-bibtex"),
    path("boards/<benchmark:name>/plots/", plot_views.plots, name="board-plots"),
    path("vega/<slug:version>.js", plot_views.scripts, name="vega"),
    path("boards/<benchmark:name>/at/<slug:key>/", frozen.frozen, name="board-frozen"),
    path("boards/<benchmark:name>/", boards.board, name="board"),
    path("compare/", compare.compare, name="compare"),
    path("standings/", standings_views.standings, name="standings"),
    path("operate/", include("farfield_web.pages.operate.urls")),
    path("metrics", metrics.metrics, name="metrics"),
    path("environments/", environments.listing, name="environments"),
    path("suites/", suites.listing, name="suites"),
    path("methods/", methods.listing, name="methods"),
    path("methods/<slug:name>/", methods.detail, name="method"),
    path("submit/", submit.choose_benchmark, name="submit"),
    path("submit/<benchmark:name>/with/<slug:method>/", submit.configure, name="submit-method"),
    path("submit/<benchmark:name>/bring/<slug:way>/", bring.bring, name="submit-kind"),
    path("submit/<benchmark:name>/", submit.choose_method, name="submit-benchmark"),
    path("submissions/<uuid:pk>/", submissions.detail, name="submission"),
    path("submissions/<uuid:pk>/live/", submissions.live, name="submission-live"),
    path("submissions/<uuid:pk>/stream/", streams.of_submission, name="submission-stream"),
    path("submissions/<uuid:pk>/cancel/", submissions.cancel, name="submission-cancel"),
    path("submissions/<uuid:pk>/retry/", submissions.retry, name="submission-retry"),
    path("submissions/<uuid:pk>/edit/", own.edit, name="submission-edit"),
    path("submissions/<uuid:pk>/withdraw/", own.withdraw, name="submission-withdraw"),
    path("submissions/<uuid:pk>/take-back/", own.take_back, name="submission-take-back"),
    path("submissions/<uuid:pk>/author/", own.author, name="submission-author"),
    path("submissions/<uuid:pk>/entry.bib", submissions.bibtex, name="submission-bibtex"),
    path("submissions/<uuid:pk>/runs/", runs.listing, name="submission-runs"),
    path("runs/<uuid:pk>/", runs.detail, name="run"),
    path("runs/<uuid:pk>/live/", runs.live, name="run-live"),
    path("runs/<uuid:pk>/stream/", streams.of_run, name="run-stream"),
    path("runs/<uuid:pk>/retry/", runs.retry, name="run-retry"),
    path("runs/<uuid:pk>/log/", runs.log, name="run-log"),
    path("runs/<uuid:pk>/pictures/<int:place>-<slug:layer>.webp", runs.picture, name="run-picture"),
    path("runs/<uuid:pk>/log.txt", runs.log_text, name="run-log-text"),
    path("runs/<uuid:pk>/log/<int:attempt>/<int:offset>/", runs.log_tail, name="run-log-tail"),
    path("people/", profiles.people, name="people"),
    path("people/<str:name>/", profiles.profile, name="profile"),
    path("teams/", profiles.mine, name="teams"),
    path("teams/<str:name>/", profiles.team, name="team"),
    path("teams/<str:name>/change/", profiles.change_team, name="change-team"),
    path("account/", include("farfield_web.pages.account_urls")),
]
