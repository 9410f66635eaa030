"""The shared kernel: small, stable, what every app stands on."""
