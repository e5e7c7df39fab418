from django.db import DEFAULT_DB_ALIAS, Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recommendations.append_only import missing_triggers
from recommendations.stamp_triggers import missing_stamp_triggers
from tracker.actions.search import is_index_behind
from tracker.web.request import Request


@never_cache
@require_safe
def livez(request: Request) -> HttpResponse:
    """Answer without asking the database."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: Request) -> HttpResponse:
    """Answer 200 where the database answers, is migrated and has its triggers; else 503 with the reason.

    Where the search is behind, the site is ready and says so.
    """
    problem = _find_problem()
    ready = "" if problem else "ready; the search is behind: run rebuild_search" if is_index_behind() else "ready"
    return HttpResponse(f"{problem or ready}\n", content_type="text/plain", status=503 if problem else 200)


PATHS = {"/livez": livez, "/readyz": readyz}


class HealthMiddleware(MiddlewareMixin):
    """Answer to any `Host`, and without a session: a load balancer asks by address."""

    def process_request(self, request: Request) -> HttpResponse | None:
        view = PATHS.get(request.path_info)
        return view(request) if view else None


def _find_problem() -> str:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations are missing"
        missing = [*missing_triggers(DEFAULT_DB_ALIAS), *missing_stamp_triggers(DEFAULT_DB_ALIAS)]
    except Error:
        return "the database does not answer"
    return f"triggers are missing: {', '.join(missing)}" if missing else ""
