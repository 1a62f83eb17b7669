"""RFC 3161: our authority, our client against it over HTTP, and OpenSSL as an independent judge."""

from __future__ import annotations

import hashlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding

from core.clock import ManualClock
from esign.pdf_verification.der import children
from esign.pdf_verification.tokens import read_timestamp
from esign.signer import SigningIdentity
from esign.timestamps.client import HttpTimestamper, TimestampUnavailable
from esign.timestamps.server import CONTENT_TYPE_REQUEST, CONTENT_TYPE_RESPONSE, POLICY, answer
from tests.factories.certificates import TinyAuthority
from tests.factories.documents import CREATED_AT

DIGEST = hashlib.sha256(b"something").digest()


@pytest.fixture(scope="module")
def authority() -> TinyAuthority:
    return TinyAuthority()


@pytest.fixture(scope="module")
def signer(authority: TinyAuthority) -> SigningIdentity:
    return authority.timestamper()


def _request(**changes: Any) -> Any:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST}
    return tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": 77, "cert_req": True} | changes)


def _answer(request: Any, signer: SigningIdentity) -> Any:
    der = request if isinstance(request, bytes) else request.dump()
    return tsp.TimeStampResp.load(answer(der, signer=signer, clock=ManualClock(CREATED_AT)))


@contextmanager
def serving(reply: Callable[[bytes], tuple[int, str, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == CONTENT_TYPE_REQUEST
            status, media_type, body = reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/timestamp"
    finally:
        server.shutdown()
        server.server_close()


def test_a_granted_answer_echoes_the_nonce_and_names_policy_and_time(signer: SigningIdentity) -> None:
    response = _answer(_request(), signer)
    assert response["status"]["status"].native == "granted"
    signed_data = response["time_stamp_token"]["content"]
    info = signed_data["encap_content_info"]["content"].parsed
    assert (info["nonce"].native, info["policy"].native, info["gen_time"].native) == (77, POLICY, CREATED_AT)
    assert info["message_imprint"]["hashed_message"].native == DIGEST
    assert len(signed_data["certificates"]) == 1


def test_without_cert_req_no_certificate_comes_along(signer: SigningIdentity) -> None:
    response = _answer(_request(cert_req=False), signer)
    assert not response["time_stamp_token"]["content"]["certificates"]


def test_serial_numbers_do_not_repeat(signer: SigningIdentity) -> None:
    tokens = [_answer(_request(), signer)["time_stamp_token"] for _ in range(5)]
    assert len({token["content"]["encap_content_info"]["content"].parsed["serial_number"].native for token in tokens}) == 5


@pytest.mark.parametrize(
    ("request_", "failure"),
    [
        (b"", "bad_data_format"),
        (b"not DER at all", "bad_data_format"),
        (_request().dump() + b"\0", "bad_data_format"),
        (_request().dump()[:-3], "bad_data_format"),
        (bytes(5000), "bad_data_format"),
        (_request(message_imprint={"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"short"}), "bad_data_format"),
        (_request(message_imprint={"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": bytes(20)}), "bad_alg"),
        (_request(req_policy="1.2.3.4"), "unaccepted_policy"),
        (_request(extensions=[{"extn_id": "1.2.3.4", "critical": True, "extn_value": b"x"}]), "unaccepted_extensions"),
    ],
)
def test_a_bad_request_is_rejected_with_its_reason(signer: SigningIdentity, request_: Any, failure: str) -> None:
    der = request_ if isinstance(request_, bytes) else request_.dump()
    (status,) = children(answer(der, signer=signer, clock=ManualClock(CREATED_AT)), 0x30)
    parsed = tsp.PKIStatusInfo.load(status)
    assert (parsed["status"].native, parsed["fail_info"].native) == ("rejection", {failure})


def test_only_a_time_stamping_certificate_may_stamp(authority: TinyAuthority) -> None:
    with pytest.raises(Exception, match="ExtendedKeyUsage|extendedKeyUsage|time-stamping"):
        answer(_request().dump(), signer=authority.seal(), clock=ManualClock(CREATED_AT))


async def test_client_against_server_over_http(signer: SigningIdentity) -> None:
    with serving(lambda body: (200, CONTENT_TYPE_RESPONSE, answer(body, signer=signer, clock=ManualClock(CREATED_AT)))) as url:
        token = await HttpTimestamper(url, timeout=5).async_timestamp(DIGEST, "sha256")
    assert read_timestamp(token.dump(), of_signature=b"something").at == CREATED_AT


def _replayed(signer: SigningIdentity) -> bytes:
    return answer(_request(nonce=1).dump(), signer=signer, clock=ManualClock(CREATED_AT))


@pytest.mark.parametrize("kind", ["error", "other type", "garbage", "empty", "huge", "replayed", "other digest", "refused", "silent"])
async def test_a_wrong_answer_is_unavailable_never_a_timestamp(signer: SigningIdentity, kind: str) -> None:
    def reply(body: bytes) -> tuple[int, str, bytes]:
        clock = ManualClock(CREATED_AT)
        good = answer(body, signer=signer, clock=clock)
        if kind == "other digest":
            request = tsp.TimeStampReq.load(body)
            request["message_imprint"] = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}
            return 200, CONTENT_TYPE_RESPONSE, answer(request.dump(force=True), signer=signer, clock=clock)
        if kind == "silent":
            threading.Event().wait(1.5)
        return {
            "error": (500, CONTENT_TYPE_RESPONSE, good),
            "other type": (200, "text/html", good),
            "garbage": (200, CONTENT_TYPE_RESPONSE, b"<html>"),
            "empty": (200, CONTENT_TYPE_RESPONSE, b""),
            "huge": (200, CONTENT_TYPE_RESPONSE, good + bytes(100_000)),
            "replayed": (200, CONTENT_TYPE_RESPONSE, _replayed(signer)),
            "refused": (200, CONTENT_TYPE_RESPONSE, answer(b"", signer=signer, clock=clock)),
            "silent": (200, CONTENT_TYPE_RESPONSE, good),
        }[kind]

    with serving(reply) as url:
        with pytest.raises(TimestampUnavailable) as caught:
            await HttpTimestamper(url, timeout=0.5).async_timestamp(DIGEST, "sha256")
    assert caught.value.status == 503
    if kind == "refused":
        assert "bad_data_format" in caught.value.reason


async def test_nobody_listening_is_unavailable() -> None:
    with serving(lambda _: (200, "", b"")) as url:
        pass
    with pytest.raises(TimestampUnavailable):
        await HttpTimestamper(url, timeout=2).async_timestamp(DIGEST, "sha256")


def test_openssl_makes_a_request_and_accepts_the_answer(
    authority: TinyAuthority, signer: SigningIdentity, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    openssl = tool("openssl")
    (tmp_path / "data").write_bytes(b"something")
    (tmp_path / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))

    def run(*arguments: str) -> str:
        done = subprocess.run([openssl, "ts", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout + done.stderr

    run("-query", "-data", "data", "-sha256", "-cert", "-out", "request.tsq")
    response = answer((tmp_path / "request.tsq").read_bytes(), signer=signer, clock=ManualClock(CREATED_AT))
    (tmp_path / "response.tsr").write_bytes(response)
    verify = (
        "-verify",
        "-queryfile",
        "request.tsq",
        "-in",
        "response.tsr",
        "-CAfile",
        "root.pem",
        "-attime",
        str(int(CREATED_AT.timestamp())),
    )
    assert "Verification: OK" in run(*verify)
    (tmp_path / "response.tsr").write_bytes(_replayed(signer))
    assert "Verification: FAILED" in run(*verify)
