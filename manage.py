#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("DEBUG", "1")
        os.environ.setdefault("SECRET_KEY", "a throw-away key, for the demonstration alone")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
