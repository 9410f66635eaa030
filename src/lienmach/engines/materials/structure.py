"""The shape of the bills of materials: circles, and low-level codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def find_cycle(children: Mapping[str, Sequence[str]]) -> list[str] | None:
    """A circle as a closed list of items (first = last), or None.

    The walk is iterative, because a circle of any length has to be reported, not a recursion error.
    """
    done: set[str] = set()
    for root in children:
        if root in done:
            continue
        path, on_path = [root], {root}
        walks = [iter(children[root])]
        while walks:
            child = next(walks[-1], None)
            if child is None:
                walks.pop()
                node = path.pop()
                on_path.discard(node)
                done.add(node)
            elif child in on_path:
                return [*path[path.index(child) :], child]
            elif child not in done:
                path.append(child)
                on_path.add(child)
                walks.append(iter(children.get(child, ())))
    return None


def low_level_codes(items: Iterable[str], lines: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The low-level code of each item: 0 when nothing uses it, else 1 + the largest of its parents.

    Items netted in ascending order of the code are netted once, after everything that uses them.

    Parameters
    ----------
    lines
        (parent, child) pairs without a circle.
    """
    codes = dict.fromkeys(items, 0)
    children: dict[str, list[str]] = {}
    parents_left = dict.fromkeys(codes, 0)
    for parent, child in lines:
        children.setdefault(parent, []).append(child)
        parents_left[child] += 1
    ready = [item for item, count in parents_left.items() if not count]
    for item in ready:
        for child in children.get(item, ()):
            codes[child] = max(codes[child], codes[item] + 1)
            parents_left[child] -= 1
            if not parents_left[child]:
                ready.append(child)
    return codes
