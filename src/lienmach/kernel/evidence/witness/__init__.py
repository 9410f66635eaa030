"""A witness of logs: one small process with an SQLite file of its own; no Django, nothing of the platform.

An association, a buyer or a university runs it (`lienmach witness serve`). It speaks C2SP tlog-witness; what
it answers is decided by `lienmach.engines.ledger.witness`, what it keeps stands in `store`.
"""
