"""Places as a Django app."""

from django.utils.translation import gettext_lazy as _

from lienmach.kernel.apps import LienmachApp


class PlacesConfig(LienmachApp):
    """Administrative units in time."""

    name = "lienmach.kernel.places"
    label = "places"
    title = _("Places")
