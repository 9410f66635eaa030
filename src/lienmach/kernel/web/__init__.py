"""The visual system and page furniture: base pages, components, tables, charts, Gantt, exports, errors."""
