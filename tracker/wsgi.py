import os
from contextlib import suppress
from functools import partial
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import Error, connections

from tracker.web.process import call_with_room, prepare_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

application = partial(call_with_room, get_wsgi_application())
import_module(settings.ROOT_URLCONF)
with suppress(Error):  # a database that is away, or empty
    import_module("recommendations.text_cache").fill_cache()
    import_module("recommendations.search.vocabulary").fill_vocabulary()
connections.close_all()  # before processes fork; each thread has its own
prepare_process()
