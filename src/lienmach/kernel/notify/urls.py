"""Addresses of messages and webhooks."""

from django.urls import path

from lienmach.kernel.notify import views

urlpatterns = [
    path("", views.message_list, name="list"),
    path("read/", views.message_read_all, name="read-all"),
    path("wishes/", views.wishes_set, name="wishes"),
    path("<uuid:notification>/", views.message_open, name="open"),
    path("webhooks/", views.webhook_list, name="webhooks"),
    path("webhooks/add/", views.webhook_add, name="webhook-add"),
    path("webhooks/<uuid:webhook>/try/", views.webhook_try, name="webhook-try"),
    path("webhooks/<uuid:webhook>/remove/", views.webhook_remove, name="webhook-remove"),
]
