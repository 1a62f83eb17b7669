"""The attack set's second table: hostile updates of the kinds that are let in, a security store and document timestamps (R53, R54).

Nobody signs these updates, and anybody gets a timestamp for any bytes. So each file here has right cryptography, and something besides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader

from esign import long_term
from esign.pades import FieldPlan, append_field, open_quietly
from esign.timestamps.client import LocalTimestamper
from tests.factories.attacks import (
    Attack,
    add_annotation,
    add_open_action,
    attach,
    failed,
    flip,
    overlay,
    page_of,
    redraw,
    unclear,
)
from tests.factories.certificates import TinyAuthority
from tests.factories.pdf_edits import Clean, Edit, generic, name, text, updated


class Kept:
    """Clean files at B-LT and B-LTA, each made once."""

    def __init__(self) -> None:
        self.clean = Clean()
        self.signers = self.clean.signers
        self.licence = self.clean.licence
        self.lists = self.signers.authority.crls(self.signers.clock.now())
        self.kept = self.extended(self.licence, is_archived=False)
        self.archived = self.extended(self.licence)
        self.other = self.extended(self.clean.other)
        self.at_once = asyncio.run(self.signers.licence(crls=self.lists))

    def extended(self, pdf: bytes, *, is_archived: bool = True, lists: list[bytes] | None = None, by: Any = None) -> bytes:
        stamper = (by or self.signers.timestamper) if is_archived else None
        return asyncio.run(long_term.extend(pdf, crls=self.lists if lists is None else lists, timestamper=stamper))

    def ridden(self, edit: Edit, *, is_archived: bool = True, pdf: bytes | None = None) -> bytes:
        """`edit` comes along in the very update that brings the validation data, under its timestamp."""

        def open_and_edit(file: bytes) -> Any:
            writer = open_quietly(file)
            edit(writer)
            return writer

        with patch.object(long_term, "open_quietly", open_and_edit):
            return self.extended(self.licence if pdf is None else pdf, is_archived=is_archived)


def _item(writer: Any, content: bytes) -> Any:
    return writer.add_object(generic.StreamObject(stream_data=content))


def _new_store(change: Callable[[Any, Any], None]) -> Edit:
    """A new store in place of the old one, as our own writer makes it, but for `change` (writer, store)."""

    def edit(writer: Any) -> None:
        old = writer.root["/DSS"]
        store = generic.DictionaryObject()
        for key in old:
            store[name(key)] = generic.ArrayObject([old[key].raw_get(index) for index in range(len(old[key]))])
        change(writer, store)
        writer.root[name("/DSS")] = writer.add_object(store)
        writer.update_root()

    return edit


def _into(kind: str, content: Callable[[], bytes]) -> Edit:
    """One more item in the store."""
    return _new_store(lambda writer, store: store[kind].append(_item(writer, content())))


def _foreign_certificate() -> bytes:
    return TinyAuthority().root.public_bytes(Encoding.DER)


def _foreign_list() -> bytes:
    return TinyAuthority().crls(_NOW)[0]


_NOW = Clean().signers.clock.now()


def _script_in_store(writer: Any, store: Any) -> None:
    action = {name("/S"): name("/JavaScript"), name("/JS"): text("app.alert(1)")}
    store[name("/JavaScript")] = writer.add_object(generic.DictionaryObject(action))


def _ocsp(writer: Any, store: Any) -> None:
    store[name("/OCSPs")] = generic.ArrayObject([_item(writer, b"\x30\x03\x0a\x01\x06")])


def _page_as_certificate(writer: Any, store: Any) -> None:
    """The store takes over what draws the page, to replace it later as validation data."""
    store["/Certs"].append(page_of(writer).raw_get("/Contents"))


def _fewer_lists(writer: Any, store: Any) -> None:
    del store["/CRLs"]


def _other_list(writer: Any) -> None:
    """The number of a revocation list gets other content: a list by which nobody is revoked."""
    reference = writer.root["/DSS"]["/CRLs"].raw_get(0)
    writer.objects[reference.generation, reference.idnum] = generic.StreamObject(stream_data=_foreign_list())


def _unused(writer: Any) -> None:
    writer.add_object(generic.StreamObject(stream_data=b"0 0 600 800 re f"))


def _no_store(writer: Any) -> None:
    del writer.root["/DSS"]
    writer.update_root()


def _timestamp_field(writer: Any) -> Any:
    return next(item for item in writer.root["/AcroForm"]["/Fields"] if item.get_object()["/T"] == "timestamp-1").get_object()


def _show_timestamp(writer: Any) -> None:
    field = _timestamp_field(writer)
    field[name("/Rect")] = generic.ArrayObject([generic.NumberObject(number) for number in (0, 0, 600, 800)])
    field[name("/AP")] = generic.DictionaryObject({name("/N"): _item(writer, b"0 0 600 800 re f")})
    writer.update_container(field)


def _with_field(kept: Kept, change: Callable[[Any, Any], None]) -> bytes:
    """A document timestamp whose field is more than invisible."""

    def append_more(writer: Any, plan: FieldPlan) -> None:
        append_field(writer, plan)
        change(writer, writer.root["/AcroForm"]["/Fields"][-1].get_object())

    with patch.object(long_term, "append_field", append_more):
        return kept.extended(kept.licence)


def _visible(writer: Any, field: Any) -> None:
    field[name("/Rect")] = generic.ArrayObject([generic.NumberObject(number) for number in (0, 0, 600, 800)])
    field[name("/AP")] = generic.DictionaryObject({name("/N"): _item(writer, b"0 0 600 800 re f")})


def _acting(writer: Any, field: Any) -> None:
    action = {name("/S"): name("/JavaScript"), name("/JS"): text("app.alert(1)")}
    field[name("/A")] = generic.DictionaryObject(action)


def _in_reserved_field(kept: Kept) -> bytes:
    """The field reserved for the second signer is filled by a timestamp: nobody can sign there any more."""
    taken = [("signer-1", None, None)]
    with patch.multiple(long_term, _FIELD="signer-", append_field=lambda *_: None, enumerate_sig_fields=lambda _: taken):
        return kept.extended(kept.clean.once)


def _exchanged(kept: Kept) -> bytes:
    """The document timestamp of another file at the same place."""
    (gap, resume), (other_gap, other_resume) = Clean.gap(kept.archived), Clean.gap(kept.other)
    token = kept.other[other_gap + 1 : other_resume - 1].rstrip(b"0")
    return kept.archived[: gap + 1] + token.ljust(resume - gap - 2, b"0") + kept.archived[resume - 1 :]


def _by_stranger(kept: Kept) -> bytes:
    return kept.extended(kept.licence, by=LocalTimestamper(TinyAuthority("别的根").timestamper(), kept.signers.clock))


def _out_of_order(kept: Kept) -> bytes:
    """The second document timestamp says an earlier time than the first, which lies under it."""
    kept.signers.clock.advance(days=2)
    try:
        late = kept.extended(kept.licence)
    finally:
        kept.signers.clock.advance(days=-2)
    return kept.extended(late)


def _hidden_between(kept: Kept) -> bytes:
    """An object without an entry in the table, between two that have one: a reader that rebuilds the table finds it."""
    pdf = kept.kept
    root = PdfFileReader(BytesIO(pdf)).trailer.raw_get("/Root").idnum
    table = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    planted = b"%d 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n" % root
    moved = pdf[:table] + planted + pdf[table:]
    return moved.replace(b"startxref\n%d\n" % table, b"startxref\n%d\n" % (table + len(planted)))


def _comment_between(kept: Kept) -> bytes:
    table = int(kept.kept.rsplit(b"startxref\n", 1)[1].split()[0])
    changed = kept.kept[: len(kept.licence)] + kept.kept[len(kept.licence) : table].replace(b"<<\n/Length", b"<<%\n/Length", 1)[:-1]
    return changed.ljust(table) + kept.kept[table:]


def _revoked_in_the_file(kept: Kept) -> bytes:
    seal = kept.clean.seal.certificate
    return kept.extended(kept.licence, lists=kept.signers.authority.crls(_NOW, revoked={seal: _NOW}))


CHANGED = "CHANGED_AFTER_SIGNING"
ATTACKS: dict[str, Attack[Kept]] = {
    # one bit
    "flip under the archive timestamp": failed(lambda kept: flip(kept.archived, 20_000), "HASH_FAILURE"),
    "flip in the archive timestamp": failed(lambda kept: flip(kept.archived, Clean.gap(kept.archived)[0] + 400), "FORMAT_FAILURE"),
    "flip under the signature at B-LT": failed(lambda kept: flip(kept.kept, 20_000), "HASH_FAILURE"),
    "flip in the store": unclear(lambda kept: flip(kept.kept, kept.kept.rindex(b"stream\n0") + 100), "VALIDATION_DATA_FAILURE"),
    # behind the validation data
    "bytes behind the store": failed(lambda kept: kept.kept + b"\n% nothing to see\n", CHANGED),
    "line ends behind the store": failed(lambda kept: kept.kept + b"\n\n", CHANGED),
    "bytes behind the archive timestamp": failed(lambda kept: kept.archived + b"\n", CHANGED),
    "overlay behind the store": failed(lambda kept: updated(kept.kept, overlay), CHANGED),
    "overlay behind the archive timestamp": failed(lambda kept: updated(kept.archived, overlay), CHANGED),
    "overlay, then the store": failed(lambda kept: kept.extended(updated(kept.licence, overlay), is_archived=False), CHANGED),
    "overlay, then the archive timestamp": failed(lambda kept: kept.extended(updated(kept.licence, overlay)), CHANGED),
    "overlay between two archive timestamps": failed(lambda kept: kept.extended(updated(kept.archived, overlay)), CHANGED),
    # in the very update that is let in
    "overlay within the store's update": failed(lambda kept: kept.ridden(overlay, is_archived=False), CHANGED),
    "overlay under the archive timestamp": failed(lambda kept: kept.ridden(overlay), CHANGED),
    "annotation under the archive timestamp": failed(lambda kept: kept.ridden(add_annotation), CHANGED),
    "seal redrawn under the archive timestamp": failed(lambda kept: kept.ridden(redraw), CHANGED),
    "script under the archive timestamp": failed(lambda kept: kept.ridden(add_open_action), CHANGED),
    "attachment under the archive timestamp": failed(lambda kept: kept.ridden(attach), CHANGED),
    "unused object under the archive timestamp": failed(lambda kept: kept.ridden(_unused), CHANGED),
    "object without an entry": failed(_hidden_between, CHANGED),
    "comment in the update": failed(_comment_between, CHANGED),
    # the store itself
    "foreign certificate as proof": unclear(
        lambda kept: updated(kept.kept, _into("/Certs", _foreign_certificate)), "VALIDATION_DATA_FAILURE"
    ),
    "foreign list as proof": unclear(lambda kept: updated(kept.kept, _into("/CRLs", _foreign_list)), "VALIDATION_DATA_FAILURE"),
    "script in the store": unclear(lambda kept: updated(kept.kept, _new_store(_script_in_store)), "VALIDATION_DATA_FAILURE"),
    "answers that are not judged": unclear(lambda kept: updated(kept.kept, _new_store(_ocsp)), "VALIDATION_DATA_FAILURE"),
    "page content as a certificate": failed(lambda kept: updated(kept.kept, _new_store(_page_as_certificate)), CHANGED),
    "lists taken away": failed(lambda kept: updated(kept.kept, _new_store(_fewer_lists)), CHANGED),
    "store taken away": failed(lambda kept: updated(kept.kept, _no_store), CHANGED),
    "list replaced": failed(lambda kept: updated(kept.kept, _other_list), CHANGED),
    "revoked by its own list": unclear(_revoked_in_the_file, "REVOKED_NO_POE"),
    "overlay behind a signed store": failed(lambda kept: updated(kept.at_once, overlay), CHANGED),
    "foreign certificate beside a signed store": unclear(
        lambda kept: updated(kept.at_once, _into("/Certs", _foreign_certificate)), "VALIDATION_DATA_FAILURE"
    ),
    "signed store taken away": failed(lambda kept: updated(kept.at_once, _no_store), CHANGED),
    # the document timestamp
    "visible timestamp": failed(lambda kept: _with_field(kept, _visible), CHANGED),
    "timestamp made visible later": failed(lambda kept: updated(kept.archived, _show_timestamp), CHANGED),
    "timestamp with an action": failed(lambda kept: _with_field(kept, _acting), CHANGED),
    "timestamp in a signer's field": failed(_in_reserved_field, CHANGED),
    "document timestamps exchanged": failed(_exchanged, "HASH_FAILURE"),
    "timestamp by a stranger": unclear(_by_stranger, "NO_CERTIFICATE_CHAIN_FOUND"),
    "timestamps out of order": unclear(_out_of_order, "TIMESTAMP_ORDER_FAILURE"),
}
