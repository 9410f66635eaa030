"""The board: the state of the workshop at a glance, worst first."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lienmach.apps.production import queries
from lienmach.apps.production.presentation import OPERATIONS, ORDERS, linked
from lienmach.kernel.scope import OrganisationScope
from lienmach.kernel.web.doors import door, slug
from lienmach.kernel.web.meaning import worst_first


@dataclass(frozen=True)
class Tile:
    """One figure of the board."""

    meaning: str
    title: str
    figure: Any
    note: str
    url: str


@require_GET
@door("production.plan_read")
def board(request: HttpRequest, scope: OrganisationScope) -> HttpResponse:
    """Show what is late, behind, running and waiting for a receiver's word."""
    at = timezone.now()
    state = queries.board_get(scope, at=at)
    tiles = sorted(_tiles(state, slug(request)), key=lambda tile: worst_first(tile.meaning))
    orders = replace(linked(ORDERS, "code", "order", slug(request), order="id"), search=(), filters=())
    steps = linked(OPERATIONS, "step", "operation", slug(request), operation="id")
    context = {
        "state": state,
        "tiles": tiles,
        "late": orders.view(state.late_orders[:20], request),
        "behind": steps.view(state.floor.behind, request),
        "next_up": steps.view(state.floor.next_up, request),
    }
    return render(request, "production/board.html", context)


def _tiles(state: queries.Board, organisation: str) -> list[Tile]:
    def to(name: str) -> str:
        return reverse(f"production:{name}", kwargs={"organisation": organisation})

    late, behind = len(state.late_orders), state.floor.behind_count
    waiting = len(state.unconfirmed)
    tiles = [
        Tile(
            "bad" if late else ("good" if state.published else "idle"),
            _("Late orders"),
            late if state.published else None,
            ngettext("of %(count)d open order", "of %(count)d open orders", state.open_orders)
            % {"count": state.open_orders},
            to("orders"),
        ),
        Tile(
            "watch" if behind else ("good" if state.published else "idle"),
            _("Steps behind plan"),
            behind if state.published else None,
            _("should have been started or finished by now"),
            to("work-orders"),
        ),
        Tile("information", _("Steps running"), state.floor.running_count, "", to("work-orders")),
        Tile(
            "watch" if waiting else "information",
            _("Deliveries not confirmed"),
            waiting,
            _("the receiver has not spoken yet"),
            to("shipments"),
        ),
        _on_time(state, to("shipments")),
    ]
    if state.disputed:
        title = _("Disputed deliveries")
        tiles.append(Tile("bad", title, len(state.disputed), _("talk to the receiver"), to("shipments")))
    return tiles


def _on_time(state: queries.Board, url: str) -> Tile:
    title = _("On time, confirmed by receivers")
    if state.confirmed_on_time is None:
        return Tile("idle", title, None, _("no delivery has been confirmed yet"), url)
    note = _("%(on_time)d of %(confirmed)d deliveries") % {
        "on_time": state.confirmed_on_time,
        "confirmed": state.confirmed,
    }
    meaning = "good" if state.confirmed_on_time == state.confirmed else "watch"
    return Tile(meaning, title, f"{100 * state.confirmed_on_time // state.confirmed} %", note, url)
