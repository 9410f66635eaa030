"""The API withstands what its schema allows and what it does not: schemathesis, in this process.

Every operation is called with generated input, right and wrong, by somebody who may enter: nothing ends in
an error of ours, and answers look as the schema says.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from lienmach.config.urls import api
from lienmach.kernel.apps import permissions_of
from lienmach.kernel.identity.models import Role
from lienmach.kernel.scope import AreaScope
from tests.doors.conftest import City
from tests.doors.routes import Route, operations
from tests.doors.specimens import values_for

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EXAMPLES = 10  # for each operation, method and way: the whole stays under a minute
CALLS = [(route, method) for route in operations() for method in route.methods]


@pytest.fixture(scope="module")
def schema() -> Iterator[Any]:
    """Yield the schema with the application behind it, which leaves the test's transaction open."""
    from django.core.wsgi import get_wsgi_application

    found = schemathesis.openapi.from_dict(dict(api.get_openapi_schema()))
    found.app = get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield found
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def described(schema: Any, route: Route, method: str) -> Any:
    """Return what the schema says of a route."""
    for path in schema:
        if path.strip("/").replace("{", "<").replace("}", ">") == route.pattern.replace("<str:", "<").replace(
            "<uuid:", "<"
        ).replace("<int:", "<"):
            return schema[path][method]
    raise AssertionError(f"{route.pattern} is not in the schema")


@pytest.mark.parametrize("way", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize(
    ("route", "method"), CALLS, ids=[f"{method} {route.name}" for route, method in CALLS]
)
def test_generated_calls_meet_no_error_of_ours(
    city: City, schema: Any, route: Route, method: str, way: GenerationMode
) -> None:
    """Each call goes in with a token that opens the door; identifiers are real and made up in turn."""
    place, organisation = ("agency", city.agency) if route.policy.scope is AreaScope else ("ours", city.ours)
    role = next(role for role in Role.values if route.policy.permission in permissions_of(role))
    token = city.token(f"{place}:{role}", set(permissions_of(role)))
    operation, turn = described(schema, route, method), iter(range(10**6))

    @given(case=operation.as_strategy(generation_mode=way))
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def call(case: Any) -> None:
        real = values_for(route, organisation.id) if next(turn) % 2 else {}
        case.path_parameters = {
            **(case.path_parameters or {}),
            **{name: str(value) for name, value in real.items()},
            "organisation": organisation.slug,
        }
        case.headers = None if way is GenerationMode.POSITIVE else case.headers
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            checks=[not_a_server_error, response_schema_conformance],
        )

    try:
        call()
    except Unsatisfiable:
        assert way is GenerationMode.NEGATIVE, (
            "an operation whose every input is right has nothing wrong to try"
        )
