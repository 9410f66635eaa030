"""What is shared by chat arrives whole: text, link, and a picture that leads to the same link."""

from urllib.parse import unquote

from django.template.loader import render_to_string

from lienmach.kernel.notify.sharing import Share

SHARE = Share(title="Giao hàng L-7", text="Mời xác nhận đã nhận & kiểm", url="https://lm.example/l/abc/x/")


def test_the_link_stands_on_a_line_of_its_own():
    """Chats make a link of it only then."""
    assert SHARE.message.splitlines()[-1] == SHARE.url


def test_text_survives_the_address():
    assert unquote(SHARE.sms.split("body=")[1]) == SHARE.message
    assert unquote(SHARE.mail.split("body=")[1]) == SHARE.message


def test_the_picture_is_a_png():
    assert SHARE.png().startswith(b"\x89PNG")
    assert SHARE.picture.startswith("data:image/png;base64,")


def test_the_card_shows_all_three_and_escapes():
    card = render_to_string("notify/share.html", {"share": SHARE})
    assert "&amp; kiểm" in card
    assert SHARE.picture in card
