"""Error answers that real servers gave and that were once read wrongly: what each of them means."""

from __future__ import annotations

import pytest

from service.errors import ContentFilterError, OverloadedError, UnauthorisedError
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


def test_a_gateway_that_keeps_only_the_words_of_a_filter() -> None:
    # LiteLLM passes the message on without its code.
    message = "litellm.BadRequestError: OpenAIException - The response was filtered. No fallback was attempted."
    outcome = ask(error(400, message, type="invalid_request_error", code="400"))
    assert isinstance(outcome.failure, ContentFilterError)
    assert len(outcome.requests) == 1


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Received: '<html>login</html>'. Check the URL", "“Received: '…'. Check the URL”"),
        ("Received: <!doctype html", "“Received: …”"),
        ("<|im_start|> is odd: 3 < 4", "“<|im_start|> is odd: 3 < 4”"),
    ],
)
def test_a_page_within_an_endpoints_words_is_not_shown(message: str, shown: str) -> None:
    assert shown in ask(error(404, message)).failure.message
