"""Liền Mạch: orders, plans, deliveries and public numbers on one thread of evidence."""

__version__ = "0.1.0"
