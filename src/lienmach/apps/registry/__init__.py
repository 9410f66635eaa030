"""The register of enterprises: who stands where, since when, and which of them work here."""
