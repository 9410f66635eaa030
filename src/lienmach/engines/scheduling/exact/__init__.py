"""CP-SAT as a helper of the planner: small shops to the optimum, and lower bounds.

The model (`model`) is a relaxation of the shop that is exact wherever that costs little: every schedule
that the verifier accepts is a solution of the model with at most the same objective, so what CP-SAT proves is
a valid bound. What CP-SAT finds are only decisions (machines, sequences, batches); `decode` turns them into a
schedule by the placement rules of the shop floor, and that schedule is what counts. A schedule as good as the
bound is optimal.

OR-Tools loads inside functions that need it. Without it (`available`) the planner searches by its other means
and proves less.
"""
