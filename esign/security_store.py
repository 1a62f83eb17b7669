"""The document security store (ETSI EN 319 142-1 section 5.4): certificates and revocation lists inside the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic as pdf_objects
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

generic: Any = pdf_objects


def _kept(store: Any, key: str) -> list[Any]:
    array: Any = store[key] if store is not None and key in store else ()
    return [array.raw_get(index) for index in range(len(array))]


def _issuer(signed: x509.Certificate | x509.CertificateRevocationList) -> tuple[x509.Name, bytes | None]:
    """Name and key of who signed it: an authority keeps its name when it changes its key."""
    try:
        identifier = signed.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        identifier = None
    return signed.issuer, identifier


def _about(crls: Sequence[bytes], certificates: Sequence[x509.Certificate]) -> list[bytes]:
    """The lists by an issuer of one of the certificates; a list about others has no place in the file."""
    issuers = {_issuer(item) for item in certificates}
    return [item for item in crls if _issuer(x509.load_der_x509_crl(item)) in issuers]


def add_to_store(writer: IncrementalPdfFileWriter, certificates: Sequence[x509.Certificate], crls: Sequence[bytes]) -> None:
    """Keep what the file's store holds, add what it lacks, as a new store: nothing that was in the file is replaced but the root.

    `crls`: DER; those that no issuer of `certificates` made are left out.
    """
    root: Any = writer.root
    old = root["/DSS"] if "/DSS" in root else None
    contents = {"/Certs": [item.public_bytes(Encoding.DER) for item in certificates], "/CRLs": _about(crls, certificates)}
    store = generic.DictionaryObject({key: old.raw_get(key) for key in ("/Type", "/VRI") if old is not None and key in old})
    for key, items in contents.items():
        references = _kept(old, key)
        known = {bytes(reference.get_object().data) for reference in references}
        for item in dict.fromkeys(items):
            if item not in known:
                references.append(writer.add_object(generic.StreamObject(stream_data=item)))
        if references:
            store[generic.pdf_name(key)] = generic.ArrayObject(references)
    root[generic.pdf_name("/DSS")] = writer.add_object(store)
    writer.update_root()  # type: ignore[no-untyped-call]
