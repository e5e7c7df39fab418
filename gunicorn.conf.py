"""gunicorn reads this by itself; docs/operate.md says how it was tried."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tracker.web import logs

wsgi_app = "tracker.wsgi"
bind = "127.0.0.1:8000"  # a proxy is before it
worker_class = "gthread"
logger_class = "tracker.web.server.Logger"
workers = int(os.environ.get("WEB_CONCURRENCY", len(os.sched_getaffinity(0))))
threads = 12  # a page is answered while files are made and locks are waited for
worker_connections = 512  # of the 1,024 files that a process may open
keepalive = 0  # the proxy keeps connections to clients
graceful_timeout = 180  # a restart waits as long for an answer as the proxy does
limit_request_line = 8190  # a questionnaire about 230 units names each in its address
control_socket_disable = True
forwarder_headers = ""  # else a header SCRIPT_NAME or PATH_INFO that a proxy lets through changes the address
# Neither query strings, in which people search, nor addresses of people.
access_log_format = "%(m)s %(U)s %(s)s %(B)s %(M)sms"


def post_request(_worker, _request, _environ, _response):
    """What the thread logs between two requests is of none."""
    logs.request_id.set(logs.NO_REQUEST)
