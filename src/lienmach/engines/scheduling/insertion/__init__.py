"""Fitting operations into a schedule whose other operations stay where they are.

A promise to a customer is an order fitted into the gaps of what is booked; a cause is tested, and a remedy
tried, by pulling the operations of a late order forward while nobody else moves back.
"""

from lienmach.engines.scheduling.insertion.booked import Booked, NoRoom
from lienmach.engines.scheduling.insertion.changing import in_another_shop
from lienmach.engines.scheduling.insertion.pull import pull_forward

__all__ = ["Booked", "NoRoom", "in_another_shop", "pull_forward"]
