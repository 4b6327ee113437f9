"""Django's admin, to read: it shows the rows of the database, and changes none. What operators change are deeds."""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Field, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from farfield_web.gate import viewer_of
from farfield_web.operations.deeds.perform import may_operate
from farfield_web.runs.models import RunOutcomes

APPS = ("accounts", "submissions", "runs", "leaderboards", "operations")
# Secrets, if only as hashes, and what is too large for a page.
HIDDEN = frozenset({"password", "digest", "token", "content", "better", "lines", "head", "tail"})
SEARCHED = ("name", "username", "title", "method_name", "benchmark", "what", "reason", "filename", "sha256")
LISTED = 7


class OperatorsAdmin(AdminSite):
    """For whom the pages of operators are; there is one place to sign in, which is the site's."""

    site_header = site_title = "Farfield: the rows"
    index_title = "To read. What can be changed is under Operate."
    enable_nav_sidebar = False
    site_url = "/operate/"

    def has_permission(self, request: HttpRequest) -> bool:
        return may_operate(viewer_of(request))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("operate")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("sign-out")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password")


if TYPE_CHECKING:
    Base = ModelAdmin[Model]
else:
    Base = ModelAdmin


class ReadOnly(Base):
    """Every field but HIDDEN; nobody may add, change or delete."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_operate(viewer_of(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_operate(viewer_of(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return _shown(self.model)

    def get_list_display(self, request: HttpRequest) -> Any:
        return ["__str__", *_shown(self.model)[:LISTED]]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [name for name in _shown(self.model) if name in SEARCHED]


def _shown(model: type[Model]) -> list[str]:
    fields = (field for field in model._meta.get_fields() if isinstance(field, Field) and not field.many_to_many)
    return [field.name for field in fields if field.name not in HIDDEN]


def _made() -> OperatorsAdmin:
    """Of all that is kept but what runs said of each example: no address of the site is about that."""
    site = OperatorsAdmin(name="admin")
    for app in APPS:
        models = (model for model in apps.get_app_config(app).get_models() if model is not RunOutcomes)
        site.register(models, ReadOnly)
    return site


ADMIN = _made()
