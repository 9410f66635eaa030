"""Languages: words of our libraries in our own catalogue, formats of dates and numbers, folding."""
