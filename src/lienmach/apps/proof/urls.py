"""Addresses: one's own log, a partner's link, and what anybody may check."""

from django.urls import path

from lienmach.apps.proof import views

urlpatterns = [
    path("", views.log, name="log"),
    path("health/", views.health, name="health"),
    path("leaves/<uuid:leaf>/", views.leaf, name="leaf"),
    path("leaves/<uuid:leaf>/file/", views.leaf_file, name="file"),
    path("leaves/<uuid:leaf>/share/", views.leaf_share, name="share"),
]

link_urlpatterns = [
    path("", views.subject, name="subject"),
    path("<uuid:leaf>/file/", views.subject_file, name="file"),
]

public_urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("verify/lienmach-verify.html", views.offline_page, name="offline"),
    path("verify/what-it-proves/", views.limits, name="limits"),
    path("verify/<uuid:leaf>/", views.public_leaf, name="leaf"),
]
