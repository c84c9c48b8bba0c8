"""The HTTP side, put together from its collaborators."""

import importlib.metadata

from fastapi import FastAPI

from api import (
    accounts,
    auth,
    commands,
    dependencies,
    health,
    keys,
    leads,
    lists,
    metrics,
    openapi,
    playbook,
    playbook_definitions,
    playbook_effective,
    playbook_preview,
    problem_handlers,
    reports,
    rollouts,
    roster,
    roster_absences,
    roster_import,
    roster_teams,
)
from api.dependencies import Dependencies
from api.ingest import Ingest
from api.metrics import IngestMetrics
from api.shell import Shell

ROUTERS = (
    *(
        health.router,
        metrics.router,
        keys.router,
        playbook.router,
        playbook_definitions.router,
        playbook_effective.router,
        playbook_preview.router,
        rollouts.router,
        leads.router,
        commands.router,
        lists.router,
    ),
    reports.router,
    accounts.router,
    *(roster.router, roster_teams.router, roster_absences.router, roster_import.router),
)
"""Further resources join here, each with a router of its own."""


def create_app(deps: Dependencies) -> FastAPI:
    """The app; opens no connection and reads no clock until a request comes."""
    app = FastAPI(
        title="Leadloop",
        version=importlib.metadata.version("leadloop"),
        # the pages of FastAPI load their scripts from elsewhere; the document itself is at /openapi.json
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # a body is read strictly as what its media type says
        strict_content_type=True,
    )
    dependencies.install(app, deps)
    auth.install(app, auth.Gate(deps.keys, deps.limits))
    health.install(app, health.Doctor(deps.health))
    problem_handlers.install(app)
    app.router.routes.extend(Ingest(IngestMetrics(deps.registry)).routes())
    for router in (*ROUTERS, *deps.routers):
        app.include_router(router)
    app.add_middleware(Shell, max_body_bytes=deps.limits.max_body_bytes, body_seconds=deps.limits.body_seconds)
    app.openapi = openapi.document(app, deps.limits)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app
