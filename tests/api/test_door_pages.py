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
            # The policy allows no inline script: one would silently not run.
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=", page.text)
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
    routes = [endpoint for part in all_routes(house_door.world.hall.settings) for endpoint in part.endpoints]
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
            assert ("security" in operation) == bool(re.match(r"/api/(citizen|courier|clerk|supervisor|admin|enterprise)/", path)), path
