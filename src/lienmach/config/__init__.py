"""Assembles the platform: settings, URLs, command line, processes. Decides nothing."""
