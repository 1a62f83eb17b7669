"""What came after a signature. Accepted is exactly: nothing; a further signature that fills one field which stood empty when the one
before was made; a document security store; a document timestamp in an invisible field of its own (ETSI EN 319 142-1 sections 5.4, 5.5).

Any other incremental update is a change, also where common validators let it pass (shadow replacement; a signed field's /Rect, /AP).
Store and timestamp are added by anybody, not by the signer, so a timestamp over a change excuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from esign.pdf_verification.layout import check_layout
from esign.pdf_verification.revisions import PlacedSignature
from esign.pdf_verification.validation_data import Number, Store, read_store
from esign.pdf_verification.verdict import Doubt, Sub

_TIMESTAMP_FIELD = {"/FT": "/Sig", "/Type": "/Annot", "/Subtype": "/Widget"}
_TIMESTAMP_FIELD_KEYS = {*_TIMESTAMP_FIELD, "/T", "/F", "/Rect", "/P", "/V"}
_ANNOTATION_FLAGS = {128 | 4, 128 | 2, 128 | 4 | 2}
"""Locked, and printed or hidden or both: of no consequence for a box without size (ISO 32000-1 table 165)."""


def _written(value: Any) -> bytes:
    out = BytesIO()
    value.write_to_stream(out, None)
    return out.getvalue()


def _references(value: Any) -> Iterator[Number]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, generic.IndirectObject):
            yield item.idnum, item.generation
        elif isinstance(item, generic.DictionaryObject):
            pending.extend(item.raw_get(key) for key in item)
        elif isinstance(item, generic.ArrayObject):
            pending.extend(item.raw_get(index) for index in range(len(item)))


def _need(condition: bool, detail: str) -> None:
    if not condition:
        raise Doubt(Sub.CHANGED_AFTER_SIGNING, detail)


def _same_but(before: Any, after: Any, may_differ: set[str], detail: str) -> None:
    """Both are dictionaries and agree in every entry that is not named."""
    both = isinstance(before, generic.DictionaryObject) and isinstance(after, generic.DictionaryObject)
    _need(both and not isinstance(after, generic.StreamObject), detail)
    kept = set(before) - may_differ
    _need(kept == set(after) - may_differ and all(_written(before.raw_get(key)) == _written(after.raw_get(key)) for key in kept), detail)


class _Step:
    """One incremental update: what it wrote anew, and what it replaced."""

    def __init__(self, reader: PdfFileReader, revision: int) -> None:
        xrefs = reader.xrefs
        self.before: Any = reader.get_historical_resolver(revision - 1)
        self.after: Any = reader.get_historical_resolver(revision)
        _need(not xrefs.refs_freed_in_revision(revision), "objects were freed")
        written = {(item.idnum, item.generation) for item in xrefs.explicit_refs_in_revision(revision)}
        known = {item for earlier in range(revision) for item in xrefs.explicit_refs_in_revision(earlier)}
        taken = {item.idnum for item in known}  # not what /Size says: an update may lie about it
        self.new = {item for item in written if item[0] not in taken}
        self.replaced = written - self.new
        for key in ("/Root", "/Info", "/Encrypt"):
            old, now = (view.trailer_view.raw_get(key) if key in view.trailer_view else None for view in (self.before, self.after))
            same = old is None or now is None or _written(old) == _written(now)
            _need((old is None) == (now is None) and same, "the document's root was replaced")
        appeared = any(target in self.new for item in known for target in _references(self.before.get_object(item)))
        _need(not appeared, "an object that was missing appeared")

    def reached(self, value: Any) -> set[Number]:
        """The new objects that `value` leads to."""
        found: set[Number] = set()
        pending = set(_references(value)) & self.new
        while pending:
            found |= pending
            further = {target for item in pending for target in _references(self.after.get_object(generic.Reference(*item)))}
            pending = (further & self.new) - found
        return found

    def pair(self, number: Number) -> tuple[Any, Any]:
        reference = generic.Reference(*number)
        return self.before.get_object(reference), self.after.get_object(reference)


def _number(reference: Any) -> Number:
    return reference.idnum, reference.generation


def _check_filled_field(step: _Step, field: Number) -> None:
    """The update filled one reserved field and did nothing else."""
    _need(step.replaced <= {field}, "an object outside the reserved field was replaced")
    before, after = step.pair(field)
    _same_but(before, after, {"/AP", "/V"}, "a reserved field changed its place or kind")
    _need("/V" not in before and "/V" in after, "a field that was not empty changed")
    drawn = [] if "/AP" not in after else list(_references(after.raw_get("/AP")))
    if "/AP" in after and ("/AP" not in before or _written(after.raw_get("/AP")) != _written(before.raw_get("/AP"))):
        appearance = after.raw_get("/AP")
        is_fresh = isinstance(appearance, generic.DictionaryObject) and set(appearance) == {"/N"} and set(drawn) <= step.new
        _need(is_fresh, "a reserved field shows something that was there before")
    _need(set(_references(after.raw_get("/V"))) <= step.new, "a reserved field holds something that was there before")
    _need(step.reached(after) == step.new, "something that belongs to no signature was added")


def _check_appended(step: _Step, before: Any, after: Any, field: Number, detail: str) -> Number | None:
    """Arrays, direct or not, of which the later has one reference more, to `field`. Returns the array's own number."""
    own = None
    if isinstance(after, generic.IndirectObject):
        own = _number(after)
        _need(isinstance(before, generic.IndirectObject) and _number(before) == own, detail)
        before, after = step.pair(own)
    _need(isinstance(before, generic.ArrayObject) and isinstance(after, generic.ArrayObject) and len(after) == len(before) + 1, detail)
    _need(all(_written(before.raw_get(index)) == _written(after.raw_get(index)) for index in range(len(before))), detail)
    last = after.raw_get(len(before))
    _need(isinstance(last, generic.IndirectObject) and _number(last) == field, detail)
    return own


def _check_timestamp_field(step: _Step, field: Number) -> set[Number]:
    """The update appended one invisible field with a timestamp. Returns the numbers of the objects that it had to replace for this."""
    _need(field in step.new, "a document timestamp in a field that was there before")
    widget = step.after.get_object(generic.Reference(*field))
    detail = "the timestamp's field does something"
    _need(isinstance(widget, generic.DictionaryObject) and set(widget) == _TIMESTAMP_FIELD_KEYS, detail)
    _need(all(widget.get(key) == value for key, value in _TIMESTAMP_FIELD.items()), detail)
    _need(widget.get("/F") in _ANNOTATION_FLAGS and [float(number) for number in widget["/Rect"]] == [0.0] * 4, "a visible timestamp")
    allowed = {_number(step.after.trailer_view.raw_get("/Root"))}
    old, now = step.before.root.raw_get("/AcroForm"), step.after.root.raw_get("/AcroForm")
    if isinstance(now, generic.IndirectObject):
        _need(isinstance(old, generic.IndirectObject) and _number(old) == _number(now), "the form was replaced")
        allowed.add(_number(now))
        old, now = step.pair(_number(now))
    _same_but(old, now, {"/Fields"}, "the form changed")
    names = [str(item.get_object().get("/T")) for item in step.after.root["/AcroForm"]["/Fields"]]
    _need(names.count(str(widget["/T"])) == 1 and "." not in str(widget["/T"]), "two fields of one name")
    fields = _check_appended(step, old.raw_get("/Fields"), now.raw_get("/Fields"), field, "the form's fields changed")
    page = _number(widget.raw_get("/P"))
    before, after = step.pair(page)
    _same_but(before, after, {"/Annots"}, "a page changed")
    _need(after.get("/Type") == "/Page", "the timestamp's field is on no page")
    annotations = before.raw_get("/Annots") if "/Annots" in before else generic.ArrayObject()
    array = _check_appended(step, annotations, after.raw_get("/Annots"), field, "a page's annotations changed")
    return allowed | {page} | {item for item in (fields, array) if item is not None}


def _check_store(step: _Step) -> set[Number]:
    """The store only grew, by objects of its own. Returns the numbers of its objects."""
    empty = Store(frozenset(), frozenset())
    old, now = read_store(step.before) or empty, read_store(step.after) or empty
    _need(old.items <= now.items, "validation data was taken away")
    _need(now.all <= step.new | old.all, "the store holds something that was there before")
    return set(now.all)


def _check_validation_update(step: _Step, timestamp: PlacedSignature | None) -> None:
    inline = (
        {"/AcroForm"} if timestamp is not None and not isinstance(step.after.root.raw_get("/AcroForm"), generic.IndirectObject) else set()
    )
    _same_but(step.before.root, step.after.root, {"/DSS", *inline}, "the document's root changed")
    allowed = {_number(step.after.trailer_view.raw_get("/Root"))}
    made: set[Number] = set()
    if timestamp is not None:
        field = _number(timestamp.field_reference)
        allowed |= _check_timestamp_field(step, field)
        made = {field, _number(step.after.get_object(generic.Reference(*field)).raw_get("/V"))}
    store = _check_store(step)
    _need(step.replaced <= allowed, "an object outside the validation data was replaced")
    _need(step.new == made | (store & step.new) and made <= step.new, "something that is no validation data was added")


def _check_own_table(pdf: bytes, reader: PdfFileReader, signature: PlacedSignature) -> None:
    if not pdf[: signature.end].rstrip(b"\r\n").endswith(b"%%EOF"):
        raise Doubt(Sub.FORMAT_FAILURE, "a signature ends in the middle of its revision")
    if reader.xrefs.get_xref_container_info(signature.revision).end_location > signature.end:
        raise Doubt(Sub.FORMAT_FAILURE, "a signature does not cover its own table of contents")


def check_updates(pdf: bytes, reader: PdfFileReader, placed: list[PlacedSignature]) -> None:
    """From the first signature to the end of the file there is nothing but what the module's head lists. Raises Doubt."""
    if reader.xrefs.hybrid_xrefs_present:
        raise Doubt(Sub.FORMAT_FAILURE, "the file has two tables of contents")
    first = next(item for item in placed if not item.is_timestamp)
    by_revision = {item.revision: item for item in placed}
    _need(len(by_revision) == len(placed) and placed[0] is first, "two signatures in one update, or a timestamp before any")
    end = first.end
    for revision in range(first.revision + 1, reader.total_revisions):
        signature = by_revision.get(revision)
        step = _Step(reader, revision)
        if signature is not None and not signature.is_timestamp:
            _check_filled_field(step, _number(signature.field_reference))
            end = signature.end
        else:
            _check_validation_update(step, signature)
            end = check_layout(pdf, reader, revision, end)
            _need(signature is None or signature.end == end, "a timestamp does not end where its update ends")
    _need(end == len(pdf), "something was added after the last signature")
    if len(pdf) > first.end:
        for item in placed:
            _check_own_table(pdf, reader, item)
