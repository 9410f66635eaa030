"""A transparency log: RFC 6962 tree, C2SP tiles, checkpoints, cosignatures, witnesses, policies and proofs.

One idea per file, imported by its own name (`from lienmach.engines.ledger import merkle, notes`):

========================  ==============================================================================
``merkle``                leaf and node hashes, frontier, proofs made and checked (RFC 6962, RFC 9162)
``tree``                  the same tree in memory
``tiles``                 tile and bundle paths, growing and reading a log's files (tlog-tiles v0.1.0)
``audit``                 every entry, tile and the root computed again; names the first bad index
``checkpoints``           the signed body: origin, size, root (tlog-checkpoint v1.0.0)
``notes``                 signed notes (signed-note v1.0.0)
``keys``                  verifier and signing keys, types 0x01, 0x04, 0x06
``cosignatures``          the messages that cosigners sign (tlog-cosignature v1.1.0-rc.1)
``witness``               what a witness answers, as a function (tlog-witness v1.0.0)
``standing``              whether a log may sign: never back, never beside what was signed or witnessed
``policy``                which logs and how many witnesses one asks for (tlog-policy)
``proofs``                ``.tlog-proof`` files (tlog-proof v1)
``canonical``             canonical JSON (RFC 8785)
``commitments``           salted commitments to what stays outside the log
``leaf``                  leaf version 1: header, commitments, author
``authors``               device-signed leaves and signed batches
``disclosure``            leaf, opened groups, proof and policy in one file
``verify``                all of that from the command line, alone
========================  ==============================================================================

The package needs the standard library and `cryptography`, nothing else of this project: imports inside are
relative, so the folder works wherever it is copied (see `verify`). Nothing here reads a clock or a file;
times, salts and readers are arguments. Only signing with ML-DSA draws randomness, as FIPS 204 asks.
"""
