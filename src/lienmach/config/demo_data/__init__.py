"""Generated data for the demonstration and the examples: same seed, same data. Every name is invented.

What is generated is rows for the workbooks that the production app declares, and firms for a register; the
generators know neither database nor clock.
"""
