"""Refusals of this package. Verification never raises: what it finds is in the report."""

from __future__ import annotations

from core.errors import Conflict, DomainError, InvalidInput, NotFound, UpstreamUnavailable


class SigningKeyUnknown(NotFound):
    code = "esign.key_unknown"
    message = "没有这把签名密钥。"


class SigningKeyUnavailable(DomainError):
    """The authority has no key that may sign now for this purpose: never set up, not yet valid, expired or compromised."""

    code = "esign.key_unavailable"
    status = 503
    message = "这个机关眼下没有可用的签名密钥，请联系平台管理员。"


class RootKeyFixed(Conflict):
    """A root is not rotated or struck off by itself: everything under it would have to be issued anew."""

    code = "esign.root_key_fixed"
    message = "根证书不能单独更换或停用。"


class QrUnreadable(InvalidInput):
    code = "esign.qr_unreadable"
    message = "没能从图片里读出证照二维码，请换一张清楚、完整的图片。"


class VerifierBusy(UpstreamUnavailable):
    """The process that reads strangers' files has a full waiting line. Says nothing about the file."""

    code = "esign.verifier_busy"
    message = "现在查验文件的人太多，请过一会儿再试。"


class AlgorithmUnavailable(DomainError):
    """This machine has no library for the algorithm (SM2 without an OpenSSL 3 that was built with it). Says nothing about the signature."""

    code = "esign.algorithm_unavailable"
    status = 503
    message = "这台服务器没有装国密算法库，暂时不能处理 SM2 签名。"


class CredentialTooLarge(DomainError):
    """The claims do not fit into one QR code that an ordinary camera reads."""

    code = "esign.credential_too_large"
    status = 422
    message = "证照内容太长，放不进一个二维码。"


class CredentialMalformed(ValueError):
    """Bytes that are not the structure they claim to be. Internal: the verifier turns it into a verdict, a route never sees it."""


class SignatureInvalid(CredentialMalformed):
    """Well-formed, but no known key made the signature."""


class KeyNotListed(CredentialMalformed):
    """Well-formed, but the key it names is in no list we have."""
