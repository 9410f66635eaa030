"""The icons, drawn by us on a 24 × 24 grid; inline, so that a page opened from a file has them too."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

STROKED: dict[str, str] = {
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "cross": "M6 6l12 12M18 6L6 18",
    "triangle": "M12 4l9 16H3zM12 10v4M12 17v.01",
    "information": "M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v5M12 8v.01",
    "unknown": "M9 9.5a3 3 0 115 2.2c-1.2.9-2 1.5-2 2.8M12 18v.01",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "close": "M6 6l12 12M18 6L6 18",
    "up": "M12 19V5M6 11l6-6 6 6",
    "down": "M12 5v14M6 13l6 6 6-6",
    "sort": "M8 9l4-4 4 4M8 15l4 4 4-4",
    "right": "M9 5l7 7-7 7",
    "left": "M15 5l-7 7 7 7",
    "search": "M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l4.5 4.5",
    "download": "M12 4v11M7 10l5 5 5-5M4 20h16",
    "upload": "M12 20V9M7 14l5-5 5 5M4 4h16",
    "print": "M7 9V3h10v6M7 18H4v-7a2 2 0 012-2h12a2 2 0 012 2v7h-3M7 15h10v6H7z",
    "plus": "M12 5v14M5 12h14",
    "minus": "M5 12h14",
    "calendar": "M4 6h16v15H4zM4 10h16M8 3v5M16 3v5",
    "clock": "M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l3.5 2",
    "factory": "M3 21V10l6 4v-4l6 4V4h6v17zM8 17.5h.01M12.5 17.5h.01M17 17.5h.01",
    "box": "M12 3l8.5 4.5v9L12 21l-8.5-4.5v-9zM3.5 7.5L12 12l8.5-4.5M12 12v9",
    "truck": "M3 6h11v11H3zM14 10h4l3 3.5V17h-7"
    "M7.5 20a2 2 0 100-4 2 2 0 000 4zM17.5 20a2 2 0 100-4 2 2 0 000 4z",
    "person": "M12 4a4 4 0 100 8 4 4 0 000-8zM4 21c.5-4 3.5-6 8-6s7.5 2 8 6",
    "building": "M5 21V3h10v18M15 9h4v12M3 21h18M9 7h2M9 11h2M9 15h2",
    "map": "M9 4L3 6.5v14L9 18l6 2.5 6-2.5V4l-6 2.5zM9 4v14M15 6.5v14",
    "chart": "M4 4v16h16M8 16v-4M12.5 16V8M17 16v-6",
    "list": "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
    "proof": "M12 3l8 3v6c0 4.5-3.3 7.7-8 9-4.7-1.3-8-4.5-8-9V6zM8.5 12l2.5 2.5 4.5-5",
    "link": "M10 14a4 4 0 006 .5l3-3a4 4 0 00-5.7-5.7l-1 1M14 10a4 4 0 00-6-.5l-3 3a4 4 0 005.7 5.7l1-1",
    "gear": "M12 8.5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM12 2.5v3M12 18.5v3M4.2 7.5l2.6 1.5M17.2 15l2.6 1.5"
    "M4.2 16.5L6.8 15M17.2 9l2.6-1.5",
    "sun": "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
    "moon": "M20 14.5A8.5 8.5 0 119.5 4a7 7 0 0010.5 10.5z",
    "out": "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
    "lock": "M6 11h12v10H6zM8.5 11V8a3.5 3.5 0 017 0v3",
}


def icon(name: str) -> SafeString:
    """Return the icon as inline SVG, hidden from screen readers: the word beside it is what they read.

    Raises
    ------
    KeyError
        There is no icon of that name; the message lists the names there are.
    """
    if name not in STROKED:
        raise KeyError(f"No icon {name!r}. There are: {', '.join(sorted(STROKED))}.")
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        STROKED[name],
    )
