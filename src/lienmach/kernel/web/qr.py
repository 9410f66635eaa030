"""QR codes as inline SVG: printed on work orders, opened by the phone's own camera app."""

from io import BytesIO
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def svg(text: str) -> str:
    """Return the QR code of `text` as an SVG element, dark on white, with the standard's quiet zone.

    Error correction is level M (15 % of the symbol may be lost), the least that lasts on a workshop's paper.
    """
    import segno

    out = BytesIO()
    segno.make(text, error="m", micro=False, boost_error=True).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=4,
        dark="#000000",
        light="#ffffff",
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue().decode("ascii").strip()


def render(text: str, label: Any) -> SafeString:
    """Return the code with its label; the label is what a screen reader says."""
    drawing = svg(text).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return format_html('<span class="qr">{}<span>{}</span></span>', SafeString(drawing), label)
