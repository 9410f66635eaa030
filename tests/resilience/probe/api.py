"""An operation whose effects can be counted."""

import os
import time

from django.http import HttpRequest
from ninja import Router, Schema

from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.api import idempotent
from lienmach.kernel.web.doors import door
from tests.resilience.probe.models import Effect

router = Router()


class Ball(Schema):
    """A ball to throw."""

    number: int


class Thrown(Schema):
    """The ball that was thrown, and its place."""

    effect: int


@router.post("balls", response={201: Thrown})
@door("probe.ball_throw")
@idempotent
def throw(request: HttpRequest, scope: OrganisationScope, ball: Ball) -> tuple[int, Thrown]:
    """Throw a ball, slowly."""
    effect = Effect.objects.create(subscriber="api", position=0, number=ball.number, process=os.getpid())
    time.sleep(0.2)
    return 201, Thrown(effect=effect.id)


@router.get("balls/{number}", response=Ball)
@door("probe.ball_read")
def ball(request: HttpRequest, scope: OrganisationScope, number: int) -> Ball:
    """Look at a ball."""
    return Ball(number=Effect.objects.get(subscriber="api", number=number).number)
