"""Segments: sealed stretches of the platform's sequence as typed Parquet, for those who count.

===============  =========================================================================================
``models``       which segments there are, and the logged event that vouches for each
``projection``   from events to typed columns: a pure function, so that an audit can do it again
``manifest``     what a segment consists of: files, rows, hashes
``parquet``      columns written, compared and read with DuckDB
``seal``         the next stretch sealed, and sealed again after an erasure
``reading``      the files that numbers may be read from, each verified, and the tail that is not sealed yet
``audit``        manifests, files and every column computed again
===============  =========================================================================================

Only the public group of an event stands in a segment: whatever may be erased later (a partner's or a
person's data) never goes in. The bundles of the logs stay the record; a segment is derived.
"""
