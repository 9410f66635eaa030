"""Search layers: priorities around dispatch rules, and a compiled local search on the schedule's graph.

Heavy packages are imported by the modules that need them, never here.
"""

from lienmach.engines.scheduling.search.priorities import Found, Progress, Search

__all__ = ["Found", "Progress", "Search"]
