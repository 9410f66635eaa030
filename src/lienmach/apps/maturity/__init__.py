"""Maturity instruments, pre-filled from work already recorded."""
