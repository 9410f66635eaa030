"""Django's view of the visual system."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, template tags, static files; it has no tables."""

    name = "lienmach.kernel.web"
    label = "web"
