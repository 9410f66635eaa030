"""Addresses below /o/<organisation>/production/ and, for receivers, below /l/<token>/production/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
link_urlpatterns: list[URLPattern] = []
