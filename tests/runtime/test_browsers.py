"""What browsers are told, and that nobody is believed about a client."""

from __future__ import annotations

import pytest
from live_service import Service

PREFLIGHT = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}


def test_no_other_site_may_read(service: Service) -> None:
    for path in ("/", "/models", "/models/penguins/predict", "/v2", "/invocations", "/score"):
        for method in ("OPTIONS", "GET", "POST"):
            answer = service.client.request(method, path, headers=PREFLIGHT)
            assert not [each for each in answer.headers if each.startswith("access-control")]
            assert method != "OPTIONS" or answer.status_code == 405


def test_headers_of_the_page(service: Service) -> None:
    answer = service.client.get("/", headers={"Accept": "text/html"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_nobody_is_believed_about_the_client(service: Service) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.1", "Accept": "text/html"}
    page = service.client.get("/", headers=told).text
    assert "https://" not in page


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_a_page_of_another_site_changes_nothing(service: Service, site: str) -> None:
    for method, path, shape in (
        ("POST", "/models/prices/unload", "detail"),
        ("PUT", "/models/prices/aliases/next", "detail"),
        ("POST", "/v2/repository/models/prices/unload", "error"),
    ):
        answer = service.client.request(method, path, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
        assert shape in answer.json()
    assert service.client.get("/v2/models/prices/ready").status_code == 200
