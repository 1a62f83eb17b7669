"""Object storage: `open_store(url)` gives bytes by key, `Vault` adds encryption and content addressing."""

from core.storage.objects import Objects, open_store
from core.storage.ports import ObjectStore
from core.storage.vault import StoredFile, Vault

__all__ = ["ObjectStore", "Objects", "StoredFile", "Vault", "open_store"]
