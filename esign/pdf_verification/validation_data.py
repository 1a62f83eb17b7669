"""What a document security store (ETSI EN 319 142-1 section 5.4) brings: certificates and revocation lists, read without tolerance.

OCSP answers are not judged, so a store that holds some is not accepted: nothing is believed, or let pass, unread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from pyhanko.pdf_utils import generic

from esign.pdf_verification.crls import RevocationList, read_crl
from esign.pdf_verification.der import check_der
from esign.pdf_verification.verdict import Doubt, Sub

MAX_ITEMS = 64
MAX_ITEM_BYTES = 4 * 1024 * 1024
_LISTS = ("/Certs", "/CRLs")
_PER_SIGNATURE = {"/Cert", "/CRL", "/TU", "/Type"}
Number = tuple[int, int]


@dataclass(frozen=True)
class ValidationData:
    certificates: tuple[x509.Certificate, ...] = ()
    crls: tuple[RevocationList, ...] = ()


@dataclass(frozen=True)
class Store:
    """The objects of a store: its dictionaries and arrays, and the streams with the items themselves."""

    containers: frozenset[Number]
    items: frozenset[Number]

    @property
    def all(self) -> frozenset[Number]:
        return self.containers | self.items


def _need(condition: bool, detail: str) -> None:
    if not condition:
        raise Doubt(Sub.VALIDATION_DATA_FAILURE, detail)


class _Walk:
    def __init__(self, view: Any) -> None:
        self._view = view
        self.containers: set[Number] = set()
        self.items: dict[str, list[Number]] = {key: [] for key in _LISTS}

    def open(self, value: Any) -> Any:
        if not isinstance(value, generic.IndirectObject):
            return value
        self.containers.add((value.idnum, value.generation))
        return self._view.get_object(value.reference)

    def streams(self, value: Any) -> Iterator[Number]:
        array = self.open(value)
        _need(isinstance(array, generic.ArrayObject) and len(array) <= MAX_ITEMS, "a list of the store is not an array")
        for index in range(len(array)):
            member = array.raw_get(index)
            _need(isinstance(member, generic.IndirectObject), "an item of the store is not an object of its own")
            yield member.idnum, member.generation

    def dictionary(self, value: Any) -> Any:
        found = self.open(value)
        _need(isinstance(found, generic.DictionaryObject) and not isinstance(found, generic.StreamObject), "the store is not a dictionary")
        return found

    def per_signature(self, value: Any) -> None:
        entries = self.dictionary(value)
        _need(len(entries) <= MAX_ITEMS, "the store has too many entries")
        for key in entries:
            _need(len(key) == 41 and set(key[1:]) <= set("0123456789ABCDEF"), "an entry of the store names no signature")
            entry = self.dictionary(entries.raw_get(key))
            _need(set(entry) <= _PER_SIGNATURE, "the store holds something else than certificates and revocation lists")
            for inner, outer in (("/Cert", "/Certs"), ("/CRL", "/CRLs")):
                if inner in entry:
                    _need(set(self.streams(entry.raw_get(inner))) <= set(self.items[outer]), "an entry names what the store does not hold")


def read_store(view: Any) -> Store | None:
    """The objects of the store as `view` (a reader or one revision of it) shows it; None where there is none. Raises Doubt."""
    if "/DSS" not in view.root:
        return None
    walk = _Walk(view)
    store = walk.dictionary(view.root.raw_get("/DSS"))
    _need(set(store) <= {"/Type", "/VRI", *_LISTS}, "the store holds something else than certificates and revocation lists")
    _need(store.get("/Type", "/DSS") == "/DSS", "the store is of another type")
    for key in _LISTS:
        if key in store:
            walk.items[key].extend(walk.streams(store.raw_get(key)))
    if "/VRI" in store:
        walk.per_signature(store.raw_get("/VRI"))
    items = frozenset(item for key in _LISTS for item in walk.items[key])
    _need(not items & walk.containers and len(items) == sum(map(len, walk.items.values())), "one object serves the store twice")
    return Store(frozenset(walk.containers), items)


def _content(reader: Any, reference: Any) -> bytes:
    stream = reader.get_object(reference.reference)
    _need(isinstance(stream, generic.StreamObject) and set(stream) <= {"/Length"}, "an item of the store is not a plain stream")
    content = bytes(stream.data)
    _need(len(content) <= MAX_ITEM_BYTES, "an item of the store is too large")
    return content


def _certificate(content: bytes) -> x509.Certificate:
    check_der(content)
    return x509.load_der_x509_certificate(content)


def read_validation_data(reader: Any) -> ValidationData:
    """The items of the last revision's store. Raises Doubt."""
    if read_store(reader) is None:
        return ValidationData()
    store = reader.root["/DSS"]
    certificates: list[x509.Certificate] = []
    crls: list[RevocationList] = []
    for key in _LISTS:
        for reference in (store[key].raw_get(index) for index in range(len(store[key]))) if key in store else ():
            content = _content(reader, reference)
            revision = reader.xrefs.get_introducing_revision(reference.reference)
            try:
                if key == "/Certs":
                    certificates.append(_certificate(content))
                else:
                    crls.append(read_crl(content, revision))
            except Doubt as doubt:
                raise Doubt(Sub.VALIDATION_DATA_FAILURE, doubt.detail) from doubt
            except ValueError as error:
                raise Doubt(Sub.VALIDATION_DATA_FAILURE, "an item of the store is not what it should be") from error
    return ValidationData(tuple(certificates), tuple(crls))
