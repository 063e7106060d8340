"""What callers send wrong: every kind of bad body has a clear answer, all faults at once, and nothing falls over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.finding import CheckName
from tests.api.live import sheet

JSON = {"content-type": "application/json"}
YAML = {"content-type": "application/yaml"}
PROBLEM = "application/problem+json"


def _fact(**changes: Any) -> dict[str, Any]:
    fact = {"id": "gdp-2016", "indicator": "gdp", "value": 1105.04, "unit": "亿元", "year": 2016}
    return {k: v for k, v in {**fact, **changes}.items() if v is not ...}


def _check(**changes: Any) -> dict[str, Any]:
    return {**sheet(facts=[_fact()]), "text": "2016年，全市地区生产总值1105.04亿元。", **changes}


@pytest.mark.parametrize("path", ["/v1/checks", "/v1/sections", "/v1/fact-sheets:parse"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", ""),
        (b"   \n", ""),
        (b'{"outline": "city-2017",\n "plan_year": }', "第2行"),
        (b'{"outline": "city-2017", "outline": "base"}', "重复"),
        (b'{"plan_year": NaN}', "NaN"),
        (b'{"subject": {"name": "\\ud800"}}', "代理字符"),
        (b'{"plan_year": ' + b"9" * 5000 + b"}", "过长"),
        (b"[" * 100_000, "嵌套"),
        ('{"outline": "城市"}'.encode("gbk"), "UTF-8"),
        (b"[1, 2]", "对象"),
        (b'"text"', "对象"),
        (b"null", ""),
    ],
)
def test_broken_bodies(client: httpx.Client, path: str, body: bytes, said: str) -> None:
    answer = client.post(path, content=body, headers=JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM), answer.text
    problem = answer.json()
    assert said in problem["detail"]
    assert problem["errors"]


def test_yaml_tells_the_line(client: httpx.Client) -> None:
    answer = client.post("/v1/fact-sheets:parse", content="outline: city-2017\nsubject: {name: 望海市\n", headers=YAML)
    assert answer.status_code == 422
    assert re.search("第[23]行", answer.json()["detail"])


@pytest.mark.parametrize("path", ["/v1/checks", "/v1/sections", "/v1/fact-sheets:parse"])
def test_bodies_over_two_megabytes_are_refused(client: httpx.Client, path: str) -> None:
    body = json.dumps(_check(text="增" * 1_700_000), ensure_ascii=False).encode()
    assert len(body) > 5_000_000
    answer = client.post(path, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/payload-too-large")

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    assert client.post(path, content=pieces(), headers=JSON).status_code == 413
    # The connection is still good for an ordinary request.
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/v1/checks", "text/plain"),
        ("/v1/checks", "application/yaml"),
        ("/v1/checks", ""),
        ("/v1/sections", ""),
        ("/v1/sections", "application/x-www-form-urlencoded"),
        ("/v1/fact-sheets:parse", "multipart/form-data; boundary=x"),
        ("/v1/fact-sheets:parse", "application/vnd.ms-excel"),
    ],
)
def test_other_media_types_are_refused(client: httpx.Client, path: str, media_type: str) -> None:
    answer = client.post(path, content=b"{}", headers={"content-type": media_type})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/ld+json"])
def test_ways_of_saying_json(client: httpx.Client, media_type: str) -> None:
    body = json.dumps(_check(), ensure_ascii=False).encode()
    assert client.post("/v1/checks", content=body, headers={"content-type": media_type}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"outline": "city-2071"}, {"/outline"}),
        ({"facts": [_fact(indicator="gpd")]}, {"/facts/0/indicator"}),
        ({"facts": [_fact(unit="万人")]}, {"/facts/0/unit"}),
        ({"facts": [_fact(), _fact()]}, {"/facts/1/id"}),
        ({"facts": [_fact(value="1105.04亿元")]}, {"/facts/0/value"}),
        ({"facts": [_fact(valeu=3)]}, {"/facts/0/valeu"}),
        ({"facts": {}}, {"/facts"}),
        ({"subject": {}}, {"/subject/name"}),
        ({"plan_year": "2017年"}, {"/plan_year"}),
        ({"period": [2021, 2017]}, {"/period"}),
        ({"sectoin": "2.1"}, {"/sectoin"}),
        ({"a/b~c": 1}, {"/a~1b~0c"}),
        (
            {"facts": [_fact(id="g d p"), _fact(year=12)], "plan_year": 1, "extra": 1},
            {"/facts/0/id", "/facts/1/year", "/plan_year", "/extra"},
        ),
    ],
)
@pytest.mark.parametrize("path", ["/v1/checks", "/v1/sections"])
def test_every_fault_of_a_sheet_at_once(
    client: httpx.Client, path: str, changes: dict[str, Any], pointers: set[str]
) -> None:
    body = _check(**changes) if path == "/v1/checks" else {**sheet(facts=[_fact()]), "section": "2.1", **changes}
    if path == "/v1/sections" and "sectoin" in changes:
        pointers = {*pointers, "/section"}
        del body["section"]
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM), answer.text
    faults = answer.json()["errors"]
    assert {f["pointer"] for f in faults} == pointers
    assert all(re.search("[\u4e00-\u9fff]", f["detail"]) for f in faults)


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"text": None}, {"/text"}),
        ({"text": ""}, {"/text"}),
        ({"text": " \n\t　"}, {"/text"}),
        ({"text": "文字\u0000文字"}, {"/text"}),
        ({"text": "文字\u0008"}, {"/text"}),
        ({"text": 5}, {"/text"}),
        ({"text": "增" * 100_001}, {"/text"}),
        ({"sections": {"2.1": "文字"}}, {"/text"}),
        ({"text": None, "sections": {}}, {"/sections"}),
        ({"text": None, "sections": {"2.1": "文字", "9.9": "文字"}}, {"/sections/9.9"}),
        ({"text": None, "sections": {"2.1": 3}}, {"/sections/2.1"}),
        ({"text": None, "sections": {"2.1": "文字"}, "section": "2.1"}, {"/section"}),
        ({"section": "9.9"}, {"/section"}),
        ({"section": 2.1}, {"/section"}),
        ({"checks": ["numbers", "nombres"]}, {"/checks/1"}),
        ({"checks": "numbers"}, {"/checks"}),
        ({"exemplars": ["harbin", "haerbin"]}, {"/exemplars/1"}),
        ({"explain": "yes"}, {"/explain"}),
        ({"section": "9.9", "checks": ["x"], "exemplars": ["x"], "plan_year": 1},
         {"/section", "/checks/0", "/exemplars/0", "/plan_year"}),
    ],
)  # fmt: skip
def test_every_fault_of_a_check(client: httpx.Client, changes: dict[str, Any], pointers: set[str]) -> None:
    answer = client.post("/v1/checks", json=_check(**changes))
    assert answer.status_code == 422, answer.text
    assert {f["pointer"] for f in answer.json()["errors"]} == pointers


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"section": None}, {"/section"}),
        ({"section": "9.9"}, {"/section"}),
        ({"section": 2}, {"/section"}),
        ({"exemplars": ["x"]}, {"/exemplars/0"}),
        ({"exemplars": "harbin"}, {"/exemplars"}),
        ({"model": ""}, {"/model"}),
        ({"instruction": "短" * 2001}, {"/instruction"}),
        ({"subject": None, "section": "9.9"}, {"/subject", "/section"}),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_every_fault_of_a_section_request_comes_before_the_stream(
    client: httpx.Client, accept: str, changes: dict[str, Any], pointers: set[str]
) -> None:
    answer = client.post("/v1/sections", json={**sheet(section="2.1"), **changes}, headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM), answer.text
    assert {f["pointer"] for f in answer.json()["errors"]} == pointers


@pytest.mark.parametrize(
    ("path", "changes", "said"),
    [
        ("/v1/sections", {"section": ...}, "缺少 section（要起草的节的编号，如 2.1），请补充"),
        ("/v1/sections", {"section": 2}, "section 应为文字（要起草的节的编号，如 2.1），不能是 2"),
        ("/v1/sections", {"instruction": "短" * 2001},
         "instruction 应为文字，不超过2000个字符（对本节写法的补充要求），现有2001个字符，请删减"),
        ("/v1/sections", {"outline": None}, "outline（编制要点编号）不能为 null，请填写编制要点的编号，如 city-2017"),
        ("/v1/sections", {"outline": ...}, "缺少 outline（编制要点编号），请补充"),
        ("/v1/checks", {"section": ..., "text": "文字。", "checks": ["numbers", "nombres"]},
         f"checks 中没有“nombres”这一项，可选的有 {'、'.join(CheckName)}"),
        ("/v1/checks", {"section": ..., "text": ..., "sections": {"2.1": 3}}, "sections 的每一项应为文字，不能是 3"),
        ("/v1/checks", {"section": ..., "text": "文字。", "explain": "是"},
         "explain 应为 true 或 false（true 时另附每个数字的依据 supports），不能是 \"是\""),
    ],
)  # fmt: skip
def test_faults_of_fields_are_sentences(client: httpx.Client, path: str, changes: dict[str, Any], said: str) -> None:
    body = {k: v for k, v in {**sheet(section="2.1"), **changes}.items() if v is not ...}
    (fault,) = client.post(path, json=body).json()["errors"]
    assert fault["detail"] == said


def test_a_check_without_an_outline_or_with_null_is_of_the_first(client: httpx.Client) -> None:
    answers = [client.post("/v1/checks", json=_check(**given)) for given in ({}, {"outline": None})]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


def test_parse_reads_json_and_yaml_to_the_same_sheet(client: httpx.Client) -> None:
    data = sheet(
        facts=[
            _fact(),
            {"id": "policy-1", "kind": "policy", "text": "《促进电子商务发展的若干意见》（望政发〔2015〕8号）"},
        ]
    )
    as_json = client.post("/v1/fact-sheets:parse", json=data)
    text = (
        "outline: city-2017\n"
        "subject: {name: 望海市, short_name: 望海, province: 云岭省, aliases: []}\n"
        "plan_year: 2017\nperiod: [2017, 2021]\nfacts:\n"
        "  - {id: gdp-2016, indicator: gdp, value: 1105.04, unit: 亿元, year: 2016}\n"
        "  - {id: policy-1, kind: policy, text: 《促进电子商务发展的若干意见》（望政发〔2015〕8号）}\n"
    )
    as_yaml = client.post("/v1/fact-sheets:parse", content=text.encode(), headers=YAML)
    assert as_json.status_code == as_yaml.status_code == 200, as_yaml.text
    assert as_json.json() == as_yaml.json()
    gdp, policy = as_json.json()["facts"]
    assert gdp["name"] == "地区生产总值"
    assert (policy["title"], policy["doc_number"]) == ("促进电子商务发展的若干意见", "望政发〔2015〕8号")
    # What was parsed can be sent again.
    assert client.post("/v1/fact-sheets:parse", json=as_json.json()).json() == as_json.json()


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3000), st.floats(), st.text(max_size=20))
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    ["outline", "subject", "plan_year", "period", "facts", "text", "section", "sections", "checks", "exemplars", "explain",
     "model", "instruction"]
)  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/checks", "/v1/sections"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(_FIELDS, _VALUES, max_size=3), dropped=st.sets(_FIELDS, max_size=2))
def test_no_body_makes_the_service_fall_over(
    client: httpx.Client, path: str, changes: dict[str, Any], dropped: set[str]
) -> None:
    body = {k: v for k, v in {**_check(section="2.1"), **changes}.items() if k not in dropped}
    if path == "/v1/sections":
        body.pop("text", None)
    answer = client.post(path, content=json.dumps(body).encode(), headers=JSON)
    assert answer.status_code in {200, 422}, answer.text
    assert answer.headers["content-type"] == ("application/json" if answer.status_code == 200 else PROBLEM)
    json.loads(answer.content)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_can_be_checked_or_is_refused(client: httpx.Client, text: str) -> None:
    answer = client.post("/v1/checks", json=_check(text=text, explain=True))
    assert answer.status_code in {200, 422}
    if answer.status_code == 200:
        for found in [*answer.json()["findings"], *answer.json()["supports"]]:
            assert text[found["start"] : found["end"]] == found["excerpt"]
