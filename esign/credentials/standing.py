"""Judge one credential against a trust list and a status list at one moment. Pure: no clock, no network, no exceptions for bad bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from core.clock import BEIJING
from esign.authority import Purpose
from esign.credentials import cose, cwt, status_list, trust_list
from esign.credentials.cwt import LicenceClaims
from esign.credentials.status_list import Status, StatusList
from esign.credentials.trust_list import TrustEntry, TrustList
from esign.errors import CredentialMalformed, KeyNotListed, SignatureInvalid

Verdict = Literal["TOTAL_PASSED", "TOTAL_FAILED", "INDETERMINATE"]
Standing = Literal["valid", "suspended", "revoked", "expired", "unknown", "not_applicable"]

DRIFT = timedelta(minutes=5)
"""How far two honest clocks may differ."""

LONGEST_PRESENTATION = timedelta(seconds=120)

# Whoever checks many licences reads the same two lists each time.
read_trust_list = lru_cache(maxsize=8)(trust_list.parse)
_read_status_list = lru_cache(maxsize=256)(status_list.parse)


@dataclass(frozen=True)
class Judgement:
    verdict: Verdict
    status: Standing
    subindication: str | None
    reasons: tuple[str, ...] = ()
    claims: LicenceClaims | None = None
    entry: TrustEntry | None = None


def failed(subindication: str, reason: str, status: Standing = "unknown") -> Judgement:
    return Judgement("TOTAL_FAILED", status, subindication, (reason,))


def unclear(subindication: str, reason: str) -> Judgement:
    return Judgement("INDETERMINATE", "unknown", subindication, (reason,))


def judge(raw: bytes, trust: TrustList, statuses: Sequence[bytes], at: datetime, *, proven_at: datetime | None = None) -> Judgement:
    """`statuses`: the status lists at hand, of which one at most is the licence's own. `proven_at`: a trusted time at which the credential
    already existed (the timestamp of the PDF around it).
    """
    try:
        message = cose.decode(raw, limit=cwt.MAX_BYTES)
        entry = _signer(message, trust, Purpose.LICENCE, Purpose.PRESENTATION)
        claims = cwt.decode(message.payload)
    except KeyNotListed:
        return unclear("NO_SIGNING_CERTIFICATE_FOUND", "签发这张证照的密钥不在信任列表里。")
    except SignatureInvalid:
        return failed("SIG_CRYPTO_FAILURE", "证照的签名不对，内容可能被改动过。")
    except CredentialMalformed:
        return failed("FORMAT_FAILURE", "证照数据不完整或被改动过。")
    if claims.issuer != entry.issuer_code:
        return failed("ISSUER_MISMATCH", "证照写的发证机关与签名密钥的所有者不一致。")
    found = _judge_key(claims, entry, at, proven_at) or _judge_facts(claims, entry, statuses, trust, at)
    return Judgement(found.verdict, found.status, found.subindication, found.reasons, claims, entry)


def _signer(message: cose.Sign1, trust: TrustList, *purposes: Purpose) -> TrustEntry:
    """The entry whose key made the signature, a compromised one first. Raises KeyNotListed, SignatureInvalid."""
    candidates = trust.find(message.kid, *purposes)
    if not candidates:
        raise KeyNotListed("no such key in the trust list")
    for entry in sorted(candidates, key=lambda candidate: candidate.state != "compromised") if len(candidates) > 1 else candidates:
        if message.is_signed_by(entry.public_key):
            return entry
    raise SignatureInvalid("no key of that id made this signature")


def _judge_key(claims: LicenceClaims, entry: TrustEntry, at: datetime, proven_at: datetime | None) -> Judgement | None:
    if is_tainted(entry, proven_at):
        return unclear("REVOKED_NO_POE", "签发这张证照的密钥已经失密，无法证明是失密之前签发的。")
    if not entry.counts_at(claims.issued_at):
        return unclear("OUT_OF_BOUNDS_NO_POE", "签发时间不在密钥的有效期内。")
    if claims.issued_at > at + DRIFT:
        return unclear("NOT_YET_VALID", "签发时间晚于查验时间，请检查本机的时钟。")
    if entry.purpose is Purpose.PRESENTATION:
        until = claims.expires_at
        if until is None or until - claims.issued_at > LONGEST_PRESENTATION or at >= until:
            return failed("PRESENTATION_EXPIRED", "出示码已经过期，请持证人重新出示。")
    return None


def is_tainted(entry: TrustEntry, proven_at: datetime | None) -> bool:
    """A compromised key counts only where a trusted time proves that the signature is older."""
    return entry.state == "compromised" and not (
        proven_at is not None and entry.compromised_at is not None and proven_at < entry.compromised_at
    )


def _judge_facts(claims: LicenceClaims, entry: TrustEntry, statuses: Sequence[bytes], trust: TrustList, at: datetime) -> Judgement:
    listed, subindication, reason = _listed(claims, statuses, trust, at)
    if listed is Status.INVALID:
        return failed("REVOKED", "发证机关已经撤销这张证照。", "revoked")
    today = at.astimezone(BEIJING).date()
    if _is_over(claims, entry, today, at):
        return failed("EXPIRED", "证照已经过了有效期。", "expired")
    if listed is Status.SUSPENDED:
        return failed("SUSPENDED", "发证机关暂停了这张证照。", "suspended")
    if claims.valid_from is not None and today < claims.valid_from:
        return unclear("NOT_YET_VALID", "证照还没有到生效日期。")
    if listed is None:
        return unclear(subindication, reason)
    return Judgement("TOTAL_PASSED", "valid", None)


def _is_over(claims: LicenceClaims, entry: TrustEntry, today: date, at: datetime) -> bool:
    if claims.valid_until is not None and today > claims.valid_until:
        return True
    return entry.purpose is Purpose.LICENCE and claims.expires_at is not None and at >= claims.expires_at


def _listed(claims: LicenceClaims, statuses: Sequence[bytes], trust: TrustList, at: datetime) -> tuple[Status | None, str, str]:
    """What the licence's own list says, or None with a sub-indication and a reason."""
    if not statuses:
        return None, "STATUS_UNKNOWN", "没有状态列表，无法确认证照是否已被撤销。"
    if claims.status is None:
        return None, "STATUS_UNKNOWN", "这张证照没有登记状态，无法确认是否已被撤销。"
    doubt = ("STATUS_LIST_MISMATCH", "状态列表不是这张证照所属的那一份。")
    for data in statuses:
        try:
            standing = _signed_status_list(data, trust, claims.issuer)
        except CredentialMalformed:
            doubt = ("STATUS_LIST_INVALID", "状态列表不是发证机关签发的，或被改动过。")
            continue
        if standing.uri == claims.status.uri:
            return _entry_in(standing, claims.status.idx, at)
    return None, *doubt


def _entry_in(standing: StatusList, index: int, at: datetime) -> tuple[Status | None, str, str]:
    value = standing.lookup(index)
    if standing.issued_at > at + DRIFT or not standing.is_fresh(at):
        known = "名单里这张证照当时已被撤销。" if value is Status.INVALID else "请联网更新后再查验。"
        return None, "STATUS_LIST_STALE", f"状态列表已经过时，{known}"
    if value is None:
        return None, "STATUS_UNKNOWN", "状态列表里没有这张证照。"
    return value, "", ""


def _signed_status_list(data: bytes, trust: TrustList, issuer: str) -> StatusList:
    """Raises CredentialMalformed for whatever a status key of that issuer did not sign."""
    message, found = _read_status_list(data)
    entry = _status_signer(message, trust)
    if entry.issuer_code != issuer or entry.state == "compromised" or not entry.counts_at(found.issued_at):
        raise SignatureInvalid("not a key that speaks for this issuer")
    if found.issuer is not None and found.issuer != issuer:
        raise SignatureInvalid("the list names another issuer")
    return found


@lru_cache(maxsize=256)
def _status_signer(message: cose.Sign1, trust: TrustList) -> TrustEntry:
    return _signer(message, trust, Purpose.STATUS)
