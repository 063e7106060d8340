"""Error answers that real servers gave and that were once read wrongly: what each of them means."""

from __future__ import annotations

from service.errors import OverloadedError, UnauthorisedError
from service.writer.request import Rung
from tests.doubles.asking import ask
from tests.doubles.faults import body_error, error, whole
from tests.doubles.tasks import DRAFT


def test_a_wrong_key_at_a_gateway_without_a_database() -> None:
    # LiteLLM 1.109 looks a key that is not its master key up in a database, and has none.
    said = {"error": {"message": "No connected db.", "type": "no_db_connection", "param": None, "code": "400"}}
    outcome = ask(body_error(400, said))
    assert isinstance(outcome.failure, UnauthorisedError)
    assert "OPENAI_API_KEY" in outcome.failure.message
    assert len(outcome.requests) == 1


def test_a_busy_server_that_speaks_of_strictness_refuses_no_parameter() -> None:
    # aimock 1.43: status 503 with the type that OpenAI gives to every refused request.
    said = error(503, "Strict mode: no fixture matched", type="invalid_request_error", code="no_fixture_match")
    outcome = ask(said, whole(DRAFT), rung=Rung.JSON_SCHEMA)
    assert outcome.content == DRAFT
    strict = [r.body["response_format"]["json_schema"].get("strict") for r in outcome.requests]
    assert strict == [True, True]
    assert isinstance(ask(said).failure, OverloadedError)
