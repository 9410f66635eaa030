"""The tamper-evident logs, one per organisation: leaves, order, files, checkpoints, witnesses, audit.

=================  =======================================================================================
``keys``           signing keys of logs and hosted authors: files of the data folder
``leaves``         from an event to its leaf and the bodies the leaf commits to
``append``         the order of a log: indices, batch signatures, the head moved by compare-and-swap
``files``          tiles, bundles and checkpoint on the disk
``publish``        signing, witnesses, the published checkpoint
``policy``         whom this installation asks to witness
``ask``            what a witness is asked (`failures`: what came of it when it was no cosignature)
``audit``          everything computed again (`findings`, `columns`)
``export``         a published log copied
``proofs``         where an event stands, and the file that proves it
=================  =======================================================================================

The arithmetic is `lienmach.engines.ledger`; here it meets the database, the files and the clock.
"""
