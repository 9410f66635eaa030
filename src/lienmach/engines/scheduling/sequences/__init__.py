"""A search over lists, for all that shops have: people, furnaces, frozen operations, closed time, setups.

A schedule is a list of all movable operations with an alternative for each: they are placed one after the
other, each as early as its machine, its people and its predecessors allow, behind what stands before it. The
list is annealed; every change is judged by placing the whole list again, compiled (`kernel`). NumPy and Numba
load with `board` and `kernel`, never here.
"""
