"""gunicorn reads this by itself; docs/operate.md says how it was tried."""

wsgi_app = "tracker.wsgi"
threads = 16  # each may hold one slow upload
graceful_timeout = 600  # a restart waits this many seconds for uploads under way
limit_request_line = 8190  # a questionnaire about 230 units names each in its address
control_socket_disable = True
# Neither query strings, in which people search, nor addresses of people.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)sms"
