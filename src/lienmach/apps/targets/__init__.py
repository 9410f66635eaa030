"""Declared indicators, computed from events and opened down to them."""
