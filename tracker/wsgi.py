import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tracker.web.garbage_collection import prepare_process, share_heaps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)
prepare_process()
share_heaps()
