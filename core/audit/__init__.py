"""The tamper-evident log: `record` in every command, `verify` for anybody who asks."""

from core.audit.chain import ChainReport, Link
from core.audit.listing import ChainHead, chains
from core.audit.log import links, record, verify

__all__ = ["ChainHead", "ChainReport", "Link", "chains", "links", "record", "verify"]
