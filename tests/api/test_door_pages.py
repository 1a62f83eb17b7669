"""Pages and documents that need no client: served whole, in Chinese, with nothing fetched from anywhere else."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.rooms import all_routes
from tests.factories.door import Door

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGES = ("/", "/v", "/docs")
NAMESPACE = "http://www.w3.org/"


async def test_the_pages_and_all_they_need_come_from_here(house_door: Door) -> None:
    async with house_door.client() as web:
        needed: set[str] = set()
        for address in PAGES:
            page = await web.get(address)
            assert page.status_code == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
            assert '<html lang="zh-CN"' in page.text and re.search("[\u4e00-\u9fff]{4}", page.text)
            links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
            assert links and all(link.startswith(("/", "#")) and not link.startswith("//") for link in links), links
            # The policy allows no inline script or style: one would silently not run.
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\s(?:on\w+|style)=", page.text)
            needed |= {link.split("#")[0] for link in links if link.startswith("/")}
        for address in sorted(needed):
            asset = await web.get(address)
            assert asset.status_code == 200 and asset.content, address
            if "swagger" not in address and not asset.headers["content-type"].startswith("application/json"):
                external = [
                    url for url in re.findall(r"https?://[^\s\"'<>)]+", asset.text) if not url.startswith((NAMESPACE, "http://127.0.0.1"))
                ]
                assert external == [], address
    assert any(address.endswith(".css") for address in needed) and any(address.endswith(".js") for address in needed)


BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
NOWHERE = ("/nothing", "/v/nothing", "/docs/nothing", "/m/nothing.html", "/m/packages/nothing", "/console/nothing", "/healthz/nothing")
OF_PROGRAMS = ("/api/nothing", "/api", "/api/open/catalog/nothing", "/callbacks/nothing", "/wechat/nothing", "/tsa/nothing", "/static/x.js")


async def test_where_there_is_no_page_a_person_reads_so_and_finds_home(house_door: Door) -> None:
    async with house_door.client() as web:
        for address in NOWHERE:
            page = await web.get(address, headers=BROWSER)
            assert page.status_code == 404 and page.headers["content-type"] == "text/html; charset=utf-8", address
            assert "没有这个页面" in page.text and 'href="/"' in page.text and '<html lang="zh-CN"' in page.text
            assert page.headers["cache-control"] == "no-store" and page.headers["x-request-id"]
            links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
            assert {(await web.get(link)).status_code for link in links} <= {200, 503}, "503: a client that nobody built"
            head = await web.head(address, headers=BROWSER)
            assert (head.status_code, head.content) == (404, b"")
            assert (await web.get(address, headers={**BROWSER, "if-none-match": page.headers["etag"]})).status_code == 404


async def test_a_program_is_told_by_code(house_door: Door) -> None:
    async with house_door.client() as web:
        asked = [(address, BROWSER) for address in OF_PROGRAMS]
        accepts = ("*/*", "", "application/json", "application/json, text/html", "text/html;q=0", "text/plain, text/html; q=0.0")
        asked += [("/nothing", {"accept": accept}) for accept in accepts]
        for address, headers in asked:
            answer = await web.get(address, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "request.not_found"), (address, headers)
        assert (await web.post("/nothing", headers=BROWSER)).json()["error"]["code"] == "request.not_found"


async def test_our_own_pages_may_do_no_more_than_the_clients(house_door: Door) -> None:
    strict = {
        "default-src": "'self'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "object-src": "'none'",
        "base-uri": "'self'", "form-action": "'self'", "frame-ancestors": "'none'",
    }  # fmt: skip
    async with house_door.client() as web:
        for address in (*PAGES, "/static/verify.js", "/nothing", "/m/nothing"):
            headers = (await web.get(address, headers=BROWSER)).headers
            assert dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")) == strict, address
            permissions = dict(part.strip().split("=") for part in headers["permissions-policy"].split(","))
            assert {"camera", "microphone", "geolocation", "payment"} <= permissions.keys() and set(permissions.values()) == {"()"}
            assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"


async def test_the_landing_page_leads_on(house_door: Door) -> None:
    async with house_door.client() as web:
        page = (await web.get("/")).text
    assert 'href="/v"' in page and 'href="/docs"' in page


async def test_the_document_is_valid_and_complete(house_door: Door) -> None:
    """Every route that runs is described, and nothing else."""
    async with house_door.client() as web:
        answer = await web.get("/openapi.json")
        assert answer.content == (await web.get("/openapi.json")).content
    document = answer.json()
    OpenAPIV31SpecValidator(document).validate()
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    routes = [endpoint for part in all_routes(house_door.world.hall.settings) for endpoint in part.endpoints if endpoint.hello is None]
    assert (
        described == {(endpoint.method, re.sub(r"<(\w+)(:\w+)?>", r"{\1}", endpoint.path)) for endpoint in routes} and len(described) > 100
    )
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for path, methods in document["paths"].items():
        for operation in methods.values():
            declared = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "path"}
            assert declared == set(re.findall(r"\{(\w+)\}", path)), path
            assert ("security" in operation) == bool(
                re.match(r"/api/(citizen|courier|clerk|supervisor|admin|enterprise|relying_party)/", path)
            ), path
