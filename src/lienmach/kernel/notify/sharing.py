"""To share by chat: text, a link, and the link as a picture, for Zalo and whatever else people use.

No chat's own interface is called: the person copies or sends, so nothing leaves without them.
"""

import io
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Share:
    """Something to send on: what it is, in the sender's words and language, and where it leads."""

    title: str
    text: str
    url: str

    @property
    def message(self) -> str:
        """What is pasted into a chat: the text, then the link on a line of its own so that chats open it."""
        return "\n".join(part for part in (self.title, self.text, self.url) if part)

    @property
    def sms(self) -> str:
        """An address that opens the phone's messages with the text in place."""
        return f"sms:?&body={quote(self.message)}"

    @property
    def mail(self) -> str:
        """An address that opens the mail program with the text in place."""
        return f"mailto:?subject={quote(self.title)}&body={quote(self.message)}"

    def png(self, *, scale: int = 8) -> bytes:
        """Return the link as a QR picture; a chat shows it, a camera opens it."""
        import segno

        out = io.BytesIO()
        segno.make(self.url, error="m", micro=False).save(out, kind="png", scale=scale, border=4)
        return out.getvalue()

    @property
    def picture(self) -> str:
        """Return the QR picture as an address of its own, to show and to save without another request."""
        import segno

        return str(segno.make(self.url, error="m", micro=False).png_data_uri(scale=8, border=4))
