import pytest
from django.db import connection


def test_livez_asks_no_database(client):
    client.cookies["sessionid"] = "x" * 32
    response = client.get("/livez")
    assert (response.status_code, response.content) == (200, b"alive\n")
    assert response["Content-Type"] == "text/plain"


@pytest.mark.django_db
def test_readyz_says_ready(client):
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("append_only_recommendations_wording_update", "recommendations_wording"),
        ("rule_tracker_membership_update", "tracker_membership"),
        ("on_insert_tracker_event", "tracker_event"),
        ("update_rule_recommendations_recommendation", "recommendations_recommendation"),
        ("reference_tracker_record_recommendation_id_insert", "tracker_record"),
    ],
)
def test_readyz_names_a_missing_trigger(client, owner, name, table):
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else ""))
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, f"triggers are missing: {name}\n".encode())


@pytest.mark.django_db
def test_readyz_sees_that_a_migration_is_missing(client, owner):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tracker'")
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"migrations are missing\n")


def test_readyz_says_when_the_database_does_not_answer(client, django_db_blocker, monkeypatch):
    def refuse(*args, **kwargs):
        from django.db import OperationalError

        raise OperationalError("no connection")

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"the database does not answer\n")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_any_host_and_plain_http_may_ask(client, settings, path):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["tracker.example.org"], True
    assert client.get("/about/", headers={"host": "tracker.example.org"}).status_code == 301
    assert client.get("/about/", headers={"host": "10.0.0.7"}).status_code == 400
    assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_read_and_nothing_else(client, path):
    assert client.post(path).status_code == 405
