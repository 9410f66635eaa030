"""Addresses below /o/<organisation>/maturity/."""

from django.urls import path

from lienmach.apps.maturity import views

urlpatterns = [
    path("", views.assessment, name="assessment"),
    path("area/", views.area, name="area"),
    path("<str:criterion>/", views.criterion, name="criterion"),
    path("<str:criterion>/answer/", views.answer_declare, name="answer"),
]
