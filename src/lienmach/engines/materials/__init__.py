"""Bills of material, netting, pegging and purchases: see `problem`, `netting`, `verify`."""
