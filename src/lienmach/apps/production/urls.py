"""Addresses below /o/<organisation>/production/ and, for receivers, below /l/<token>/production/."""

from django.urls import path

from lienmach.apps.production import views

urlpatterns = [
    path("", views.board, name="board"),
    path("plans/", views.plans, name="plans"),
    path("plans/upload/", views.upload, name="upload"),
    path("plans/template.xlsx", views.template_file, name="template"),
    path("plans/<uuid:plan>/", views.plan, name="plan"),
    path("plans/<uuid:plan>/progress/", views.plan_progress, name="plan-progress"),
    path("plans/<uuid:plan>/plan.<str:kind>", views.plan_file, name="plan-file"),
    path("plans/<uuid:plan>/publish/", views.plan_publish, name="plan-publish"),
    path("plans/<uuid:plan>/stop/", views.plan_stop, name="plan-stop"),
    path("workbooks/<uuid:workbook>/", views.workbook, name="workbook"),
    path("promise/", views.promise, name="promise"),
    path("orders/", views.orders, name="orders"),
    path("orders/<uuid:order>/", views.order, name="order"),
    path("orders/<uuid:order>/ship/", views.order_ship, name="order-ship"),
    path("work/", views.work_orders, name="work-orders"),
    path("work/print/", views.work_sheets, name="work-sheets"),
    path("work/<str:number>/", views.work_order, name="work-order"),
    path("floor/", views.floor, name="floor"),
    path("floor/<uuid:operation>/", views.operation, name="operation"),
    path("floor/<uuid:operation>/sent/", views.operation_sent, name="operation-sent"),
    path("shipments/", views.shipments, name="shipments"),
    path("shipments/<uuid:shipment>/", views.shipment, name="shipment"),
    path("shipments/<uuid:shipment>/link/", views.shipment_link, name="shipment-link"),
]

link_urlpatterns = [
    path("", views.receipt, name="receipt"),
    path("proofs/<uuid:event>/", views.receipt_proof, name="receipt-proof"),
]
