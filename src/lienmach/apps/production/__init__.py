"""Production: from a customer's order to a verified plan, the work on the floor, and a confirmed delivery."""
