"""A licence code's text to checked claims, against a bare P-256 verification in the same run: prints one JSON line."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from bench.rates import best_rates
from esign.authority import Purpose, create_root, issue_for_authority
from esign.credentials import cose, cwt, packing, status_list, trust_list
from esign.credentials.cwt import LicenceClaims, StatusReference
from esign.credentials.standing import judge
from esign.credentials.trust_list import entry_for

TARGET = 0.5
_URI = "https://zwfw.example.gov.cn/status-lists/1"


def main() -> None:
    now = datetime.now(UTC)
    life = timedelta(days=365)
    root = create_root(now=now)
    keys = {
        purpose: issue_for_authority(root, purpose, code="11310000MB2F30000X", name="测试发证机关", now=now, life=life)
        for purpose in (Purpose.LICENCE, Purpose.STATUS, Purpose.TRUST)
    }
    entries = [
        entry_for(key.certificate, purpose, issuer_name="测试发证机关", issuer_code="11310000MB2F30000X") for purpose, key in keys.items()
    ]
    listed = trust_list.build(entries, [root.certificate], keys[Purpose.TRUST], version=1, now=now, life=life)
    status = status_list.build(
        {}, keys[Purpose.STATUS], uri=_URI, issuer="11310000MB2F30000X", size=1 << 20, now=now, ttl=timedelta(hours=24)
    )
    claims = LicenceClaims(
        issuer="11310000MB2F30000X",
        issued_at=now.replace(microsecond=0),
        licence_id="1.2.156.3005.2.11100000MB03271699021.11310000MB2F30000X.000000000042.001.K",
        licence_type="小餐饮食品经营备案证",
        holder_name="沪上小馆餐饮管理有限公司",
        holder_uscc="91310115MA1K4ABC7X",
        address="上海市浦东新区世纪大道100号2层08铺",
        scope="热食类食品制售；冷食类食品制售；自制饮品制售；预包装食品销售（含冷藏冷冻食品）；散装食品销售（不含冷藏冷冻食品）；餐饮管理；外卖递送服务",
        legal_person="王秀英",
        issued_on=date(2026, 3, 1),
        valid_from=date(2026, 3, 1) if now.date() >= date(2026, 3, 1) else now.date(),
        status=StatusReference(_URI, 77),
    )
    credential = cwt.issue(claims, keys[Purpose.LICENCE])
    text = packing.address(credential, "zwfw.example.gov.cn")
    trust, lists = trust_list.parse(listed), (status,)
    message = cose.decode(credential, limit=cwt.MAX_BYTES)
    covered = cose.signature_input(message.protected, message.payload)
    der = encode_dss_signature(int.from_bytes(message.signature[:32], "big"), int.from_bytes(message.signature[32:], "big"))
    public = keys[Purpose.LICENCE].certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    scheme = ec.ECDSA(SHA256())

    def whole() -> None:
        assert judge(packing.unpack(text), trust, lists, now).verdict == "TOTAL_PASSED"

    def raw() -> None:
        public.verify(der, covered, scheme)

    whole()
    raw()
    whole_rate, raw_rate = best_rates(whole, raw)
    figure = {
        "figure": "credential_verify_vs_raw",
        "ratio": round(whole_rate / raw_rate, 3),
        "target": TARGET,
        "ok": whole_rate / raw_rate >= TARGET,
        "credentials_per_second": round(whole_rate),
        "raw_verifications_per_second": round(raw_rate),
        "qr_characters": len(text),
        "measures": "QR text to judged claims (unpack, COSE, claims, trust entry, status list) on one core",
    }
    print(json.dumps(figure, ensure_ascii=False))


if __name__ == "__main__":
    main()
