"""Acts of several people at one moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.core.exceptions import ValidationError
from django.db import connection


def at_once(*actions) -> list[str]:
    """Whether each was `done` or `refused`, when all begin together."""
    together = Barrier(len(actions))

    def act(action) -> str:
        together.wait()
        try:
            action()
        except ValidationError:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(actions)) as pool:
        return sorted(pool.map(act, actions))
