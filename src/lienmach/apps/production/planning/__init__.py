"""From a described workshop to a verified plan: pure functions, no Django, no clock.

The way through: ``Factory`` (what the workshop is) → ``assume`` (what nobody told us) → ``break_down``
(orders into operations and materials) → ``make_plan`` (schedule, verify, explain) → documents.
"""
