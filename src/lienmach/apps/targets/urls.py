"""Addresses below /o/<organisation>/targets/."""

from django.urls import path

from lienmach.apps.targets import views

urlpatterns = [
    path("", views.indicators, name="indicators"),
    path("<slug:indicator>/", views.scorecard, name="scorecard"),
    path("<slug:indicator>/compute/", views.compute, name="compute"),
    path("<slug:indicator>/goal/", views.target_set, name="target-set"),
    path("<slug:indicator>/events/<uuid:event>/", views.event, name="event"),
    path("<slug:indicator>/<slug:mode>/<slug:unit>/<slug:period>/", views.number, name="number"),
]
