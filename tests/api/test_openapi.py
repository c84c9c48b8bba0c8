"""The OpenAPI document, and the app held against it."""

import copy
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS
from starlette.responses import JSONResponse

from api.dependencies import Limits
from leads.events import EVENTS
from tests.api.fakes import ADMIN, Api

Case = schemathesis.Case[Any]
# wrong keys belong to the examples: their number is none of this test's
API = Api(limits=Limits(key_failures_per_minute=1_000_000, max_events=10))
CONFIG = schemathesis.Config.from_dict(
    {
        # 412, 413 and 428 refuse too
        "checks": {
            "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 408, 412, 413, 415, 428]}
        },
        # the same bodies as /v1/events, thousands of them
        "operations": [{"include-path": "/v1/events/validate", "phases": {"coverage": {"enabled": False}}}],
    }
)


def shortened() -> dict[str, Any]:
    """The document with three of thirty event types: each costs hundreds of examples that tell the same."""
    document = copy.deepcopy(API.app.openapi())
    event = document["components"]["schemas"]["Event"]
    kept = ("lead.captured", "lead.touched", "person.absent")
    event["discriminator"]["mapping"] = {name: event["discriminator"]["mapping"][name] for name in kept}
    event["oneOf"] = [{"$ref": reference} for reference in event["discriminator"]["mapping"].values()]
    return document


API.app.add_route("/shortened.json", lambda _: JSONResponse(shortened()))
SCHEMA = schemathesis.openapi.from_asgi("/shortened.json", API.app, config=CONFIG)


@SCHEMA.auth()
class AdminKey:
    def get(self, _case: Case, _context: schemathesis.AuthContext) -> str:
        return ADMIN

    def set(self, case: Case, data: str, _context: schemathesis.AuthContext) -> None:
        case.headers.setdefault("Authorization", f"Bearer {data}")


def set_aside(case: Case) -> list[Any]:
    """Checks that a route breaks by its purpose, or that cost more than they tell."""
    names = []
    if case.path == "/v1/events/validate":
        # says of an invalid event that it is invalid: a success
        names.append("negative_data_rejection")
    if case.path == "/v1/playbook/validate":
        # says of a text that it is no playbook: a success
        names.append("negative_data_rejection")
    if case.path == "/v1/events":
        # sends every case again without a key; tests of their own do that
        names.append("ignored_auth")
        if case.media_type == "application/json":
            # in binary mode a header says which data is valid
            names.append("positive_data_acceptance")
    if case.path == "/v1/playbook/revisions":
        # that a text is a playbook is more than a schema can say
        names.append("positive_data_acceptance")
    if case.path.startswith("/v1/roster/"):
        # that a calendar opens, a precondition holds or a page is one given out is more than a schema can say
        names.append("positive_data_acceptance")
    return [CHECKS.get_one(name) for name in names]


@SCHEMA.parametrize()
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: Case) -> None:
    answer = case.call_and_validate(excluded_checks=set_aside(case))
    assert answer.status_code < 500


def test_the_document_names_every_route_and_the_refusals_of_each() -> None:
    document = API.app.openapi()
    operations = {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert document["openapi"].startswith("3.1")
    assert {"POST /v1/events", "POST /v1/events/validate", "GET /v1/event-types", "DELETE /v1/keys/{key_id}"} <= set(
        operations
    )
    assert set(operations["POST /v1/events"]["responses"]) == {
        *("202", "400", "401", "403", "408", "409", "413", "415", "429", "500", "503")
    }
    assert all("422" not in operation["responses"] for operation in operations.values())
    secured = {name for name, operation in operations.items() if operation.get("security")}
    assert set(operations) - secured == {"GET /healthz", "GET /readyz"}


def test_every_event_type_is_described_by_its_own_schema() -> None:
    schemas = API.app.openapi()["components"]["schemas"]
    assert set(schemas["Event"]["discriminator"]["mapping"]) == set(EVENTS)
    references = {reference.rpartition("/")[2] for reference in schemas["Event"]["discriminator"]["mapping"].values()}
    assert references <= set(schemas)
