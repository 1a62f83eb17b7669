"""Tables of the catalogue: versions of items, departments, offices with windows, imported holiday tables."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class ServiceItem(Model):
    """One version of one item. A stored version never changes; `document` is the whole item as JSON, the columns are for finding it."""

    id = fields.CharField(48, primary_key=True)
    code = fields.CharField(31)
    basic_code = fields.CharField(12)
    version = fields.IntField()
    status = fields.CharField(12)
    name = fields.CharField(120)
    department_id = fields.CharField(48)
    audiences = fields.CharField(64)
    is_frequent = fields.BooleanField(default=False)
    search_text = fields.TextField()
    digest = fields.CharField(64)
    document = fields.TextField()
    imported_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "hall_item"
        unique_together = (("code", "version"),)
        indexes = (Index(fields=("status", "is_frequent", "name")),)


class Department(Model):
    id = fields.CharField(48, primary_key=True)
    name = fields.CharField(64)
    uscc = fields.CharField(18, unique=True)
    phone = fields.CharField(32)

    class Meta:
        table = "hall_department"


class Office(Model):
    id = fields.CharField(48, primary_key=True)
    name = fields.CharField(64)
    tier = fields.CharField(16)
    district = fields.CharField(32)
    address = fields.CharField(160)
    phone = fields.CharField(32)
    opening_hours = fields.CharField(160)

    windows: fields.ReverseRelation[OfficeWindow]

    class Meta:
        table = "hall_office"


class OfficeWindow(Model):
    """A counter."""

    id = fields.CharField(48, primary_key=True)
    office: fields.ForeignKeyRelation[Office] = fields.ForeignKeyField("zerotrip.Office", related_name="windows", on_delete=fields.RESTRICT)
    number = fields.CharField(16)
    name = fields.CharField(64)
    zone = fields.CharField(64)
    phone = fields.CharField(32)

    class Meta:
        table = "hall_window"


class CalendarYear(Model):
    """An official holiday table that was imported on top of the packaged ones."""

    year = fields.IntField(primary_key=True, generated=False)
    table_json = fields.TextField()
    source = fields.CharField(160)
    imported_at = fields.DatetimeField()

    class Meta:
        table = "hall_calendar_year"
