"""The door for gunicorn. It never starts a database: production names its own, or does not start."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

application = get_wsgi_application()

gc.collect()
gc.freeze()  # what stands from the start on is never looked through again
gc.set_threshold(20_000, 10, 20)  # a request makes thousands of things and drops them all
