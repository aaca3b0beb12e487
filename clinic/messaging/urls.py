from django.urls import path

from clinic.messaging import views

urlpatterns = [path("", views.letters, name="mailbox")]
