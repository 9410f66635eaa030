"""From a net requirement to the quantity of an order."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from lienmach.engines.materials.problem import Lot


def ceil_div(numerator: int, denominator: int) -> int:
    """The quotient of integers, rounded up."""
    return -(-numerator // denominator)


def lot_size(net: int, kind: Lot, minimum: int, multiple: int | None, fixed: int | None) -> int:
    """The order quantity for a net requirement, all in units of the item's resolution."""
    if kind is Lot.FIXED and fixed is not None:
        return ceil_div(net, fixed) * fixed
    wanted = max(net, minimum)
    return wanted if multiple is None else ceil_div(wanted, multiple) * multiple


def economic_order_quantity(
    yearly_demand: Decimal, order_cost: Decimal, yearly_holding_cost: Decimal, resolution: Decimal
) -> Decimal:
    """The lot where ordering and holding cost the same, sqrt(2 D S / h), rounded up to the resolution.

    Raises
    ------
    ValueError
        When a cost or the demand is negative, or holding costs nothing.
    """
    if yearly_demand < 0 or order_cost < 0 or yearly_holding_cost <= 0:
        raise ValueError("Demand and order cost must not be negative, and holding must cost something.")
    exact = (2 * yearly_demand * order_cost / yearly_holding_cost).sqrt()
    return (exact / resolution).to_integral_value(rounding=ROUND_CEILING) * resolution
