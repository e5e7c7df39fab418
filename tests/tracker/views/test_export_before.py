"""The files of answers, before a State submitted any."""

import pytest

from tests.pages import client_of

pytestmark = pytest.mark.django_db


def test_before_any_submission_there_is_nothing_to_download(bob):
    assert "Nothing to download" in client_of(bob).get("/progress/answers/").content.decode()
    assert b"".join(client_of(bob).get("/progress/answers.csv").streaming_content).count(b"\n") == 1
