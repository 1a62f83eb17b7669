"""The built clients at `/m/` and `/console/`: quick, kept as long as right, shut against everything else (issue 3, R82)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api import welcome
from api.development.service import ACCOUNTS_FILE
from api.settings import load_settings
from api.static_files import accepts_gzip
from tests.factories.clients import FILES, SCRIPT, built, pages_served
from tests.factories.settings import PRODUCTION

PLACES = ("/m/", "/console/")
SCRIPT_NAME = "assets/index-B3k_9xQz.js"
STRANGE_PATHS = (
    "../index.html", "../../settings.py", "..%2f..%2fsettings.py", "%2e%2e/%2e%2e/settings.py", "..\\..\\settings.py",
    "assets/../../site.css", "assets/../index.html", "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "./index.html",
    "index.html%00.js", "assets", "assets/", ".hidden", ".vite/manifest.json", "nothing.js", "a" * 4000, "%ff%fe", "%", "index.html/",
)  # fmt: skip


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with pages_served(built(tmp_path, "m", "console")) as client:
        yield client


@pytest.mark.parametrize("place", PLACES)
async def test_the_root_is_the_index_page(web: httpx.AsyncClient, place: str) -> None:
    page = await web.get(place)
    assert page.status_code == 200 and page.text == FILES["index.html"]
    assert page.headers["content-type"] == "text/html; charset=utf-8" and page.headers["cache-control"] == "no-cache"
    assert (await web.get(f"{place}index.html")).content == page.content


@pytest.mark.parametrize("place", PLACES)
async def test_without_the_slash_it_moves_for_good_and_keeps_the_question(web: httpx.AsyncClient, place: str) -> None:
    moved = await web.get(f"{place[:-1]}?from=qr%20code&x=1")
    assert moved.status_code == 308 and moved.headers["location"] == f"{place}?from=qr%20code&x=1"
    assert (await web.get(place[:-1])).headers["location"] == place


async def test_what_changes_its_name_is_kept_for_good_and_nothing_else(web: httpx.AsyncClient) -> None:
    kept = {name: (await web.get(f"/m/{name}")).headers["cache-control"] for name in FILES if not name.startswith(".")}
    for_good = {name for name, rule in kept.items() if rule == "public, max-age=31536000, immutable"}
    assert for_good == {SCRIPT_NAME, "assets/uni.8a1b2c3d.css", "assets/pdf.worker-Dm0Yt4aX.mjs"}
    assert {kept[name] for name in kept.keys() - for_good} == {"no-cache"}


async def test_every_kind_has_its_type(web: httpx.AsyncClient) -> None:
    types = {name: (await web.get(f"/m/{name}")).headers["content-type"] for name in FILES if not name.startswith(".")}
    assert types == {
        "index.html": "text/html; charset=utf-8",
        SCRIPT_NAME: "text/javascript; charset=utf-8",
        "assets/uni.8a1b2c3d.css": "text/css; charset=utf-8",
        "assets/pdf.worker-Dm0Yt4aX.mjs": "text/javascript; charset=utf-8",
        "static/very-longname.svg": "image/svg+xml",
        "cmaps/GB-EUC-H.bcmap": "application/octet-stream",
        "data.json": "application/json",
        "font.woff2": "font/woff2",
        "glue.wasm": "application/wasm",
        "photo.webp": "image/webp",
        "photo.jpg": "image/jpeg",
        "map.js.map": "application/json",
    }


async def test_compressed_for_whoever_can_read_it(web: httpx.AsyncClient) -> None:
    packed = await web.get(f"/m/{SCRIPT_NAME}", headers={"accept-encoding": "br, gzip"})
    plain = await web.get(f"/m/{SCRIPT_NAME}", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert packed.text == plain.text == SCRIPT and int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 10
    # A cache must not give one's form to the other, nor take one's validator for the other's.
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding" and packed.headers["etag"] != plain.headers["etag"]
    assert "vary" not in (await web.get("/m/data.json")).headers
    assert (await web.get(f"/m/{SCRIPT_NAME}.gz")).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "may"),
    [
        ("gzip", True), ("br;q=1.0, GZIP;q=0.5", True), ("*", True), ("gzip, *;q=0", True),
        ("", False), ("identity", False), ("br", False), ("gzip;q=0", False), ("gzip; q=0.0, br", False), ("gzip;q=0, *", False),
    ],
)  # fmt: skip
def test_what_a_browser_accepts(accepted: str, may: bool) -> None:
    assert accepts_gzip(accepted) is may


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_who_has_it_already_gets_nothing_again(web: httpx.AsyncClient, encoding: str, caplog: pytest.LogCaptureFixture) -> None:
    address, headers = f"/m/{SCRIPT_NAME}", {"accept-encoding": encoding}
    first = await web.get(address, headers=headers)
    with caplog.at_level(logging.WARNING):
        for known in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
            again = await web.get(address, headers={**headers, "if-none-match": known})
            assert (again.status_code, again.content) == (304, b"") and again.headers["etag"] == first.headers["etag"]
            assert again.headers["cache-control"] == first.headers["cache-control"] and "content-encoding" not in again.headers
    assert caplog.text == ""
    assert (await web.get(address, headers={**headers, "if-none-match": '"other"'})).status_code == 200
    page = await web.get("/m/")
    assert (await web.get("/m/", headers={"if-none-match": page.headers["etag"]})).status_code == 304


async def test_another_content_has_another_validator(tmp_path: Path) -> None:
    async with pages_served(built(tmp_path / "one", "m")) as web:
        before = (await web.get("/m/")).headers["etag"]
    changed = built(tmp_path / "two", "m")
    (changed / "m" / "index.html").write_text(FILES["index.html"] + "<!-- new -->")
    async with pages_served(changed) as web:
        assert (await web.get("/m/", headers={"if-none-match": before})).status_code == 200


async def test_head_tells_the_same_without_the_content(web: httpx.AsyncClient) -> None:
    passing = {"x-request-id", "date", "connection"}
    for address in ("/", "/v", "/docs", "/static/site.css", "/favicon.ico", "/m/", f"/m/{SCRIPT_NAME}", "/console/", "/m"):
        full, head = await web.get(address), await web.head(address)
        assert (head.status_code, head.content) == (full.status_code, b""), address
        told = [{name: value for name, value in answer.headers.items() if name not in passing} for answer in (full, head)]
        assert told[0] == told[1], address


@pytest.mark.parametrize("place", PLACES)
async def test_the_policy_lets_the_pages_work_and_nothing_more(web: httpx.AsyncClient, place: str) -> None:
    headers = (await web.get(place)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "worker-src": "'self' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "script-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    permissions = dict(part.strip().split("=") for part in headers["permissions-policy"].split(","))
    assert permissions.pop("camera") == permissions.pop("microphone") == "(self)" and {"geolocation", "payment"} <= permissions.keys()
    assert set(permissions.values()) == {"()"}
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("place", PLACES)
async def test_no_path_leads_out_of_the_table(web: httpx.AsyncClient, place: str) -> None:
    """Sent as written: a client library would tidy the dots away."""
    for path in STRANGE_PATHS:
        reader, writer = await asyncio.open_connection(web.base_url.host, web.base_url.port)
        writer.write(f"GET {place}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
        writer.close()
        assert head.split()[1] in {b"400", b"404"} and b"root:" not in body and FILES["index.html"].encode() not in body, (path, head)


async def test_only_reading_is_allowed(web: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert (await web.request(method, "/m/")).status_code == 405


async def test_a_client_that_nobody_built_says_how(tmp_path: Path) -> None:
    async with pages_served(built(tmp_path, "console")) as web:
        for address in ("/m/", "/m/assets/index-B3k_9xQz.js"):
            page = await web.get(address)
            assert page.status_code == 503 and "make clients" in page.text and '<html lang="zh-CN"' in page.text
            assert page.headers["cache-control"] == "no-store" and page.headers["content-type"].startswith("text/html")
        assert (await web.get("/m/", headers={"if-none-match": "*"})).status_code == 503
        assert (await web.get("/console/")).status_code == 200 and (await web.get("/m")).status_code == 308


async def test_what_is_built_later_waits_for_the_next_start(tmp_path: Path) -> None:
    """Files are read once: nothing that happens to the folder while serving changes an answer."""
    static = built(tmp_path, "m")
    async with pages_served(static) as web:
        before = (await web.get("/m/")).content
        (static / "m" / "index.html").write_text("changed")
        (static / "m" / "added.js").write_text("added")
        assert (await web.get("/m/")).content == before and (await web.get("/m/added.js")).status_code == 404


async def test_the_landing_page_leads_to_both_and_to_the_check(web: httpx.AsyncClient) -> None:
    page = (await web.get("/")).text
    assert all(f'href="{address}"' in page for address in ("/m/", "/console/", "/v"))


def test_the_start_says_where_to_click(tmp_path: Path) -> None:
    static = built(tmp_path / "static", "m", "console")
    settings = load_settings({"ZT_DATA_DIR": str(tmp_path), "ZT_HOST": "0.0.0.0", "ZT_PORT": "8123"})
    said = "\n".join(welcome.lines(settings, "", static))
    assert all(f"http://127.0.0.1:8123{address}" in said for address in ("/", "/m/", "/console/", "/v"))
    assert ACCOUNTS_FILE not in said and "模拟" not in said
    (tmp_path / ACCOUNTS_FILE).write_text("{}")
    said = "\n".join(welcome.lines(settings, "http://127.0.0.1:9", static))
    assert str(tmp_path / ACCOUNTS_FILE) in said and "http://127.0.0.1:9/" in said
    (static / "m" / "index.html").unlink()
    said = "\n".join(welcome.lines(settings, "", static))
    assert "手机端：还没有生成，请运行 make clients" in said and "http://127.0.0.1:8123/console/" in said


def test_production_says_nothing_of_demo_accounts(tmp_path: Path) -> None:
    (tmp_path / ACCOUNTS_FILE).write_text("{}")
    said = "\n".join(welcome.lines(load_settings({**PRODUCTION, "ZT_DATA_DIR": str(tmp_path)}), "", built(tmp_path, "m")))
    assert ACCOUNTS_FILE not in said and "/m/" in said
