"""The tamper-evident log: `record` in every command, `verify` for anybody who asks."""

from core.audit.chain import ChainReport, Link
from core.audit.log import links, record, verify

__all__ = ["ChainReport", "Link", "links", "record", "verify"]
