"""The door of the cases: drafts, signing, review and progress over one register."""

from __future__ import annotations

from core.clock import Clock
from core.crypto import BlindIndex, Cipher
from core.storage import Vault
from esign.envelopes.service import Envelopes, SignatureInput
from express.service import Parcels
from hall.cases.documents import TypstDocuments
from hall.cases.drafts import Delivery, Drafts
from hall.cases.ports import Calendar, Documents, People, Person
from hall.cases.progress import Outcome, Progress
from hall.cases.register import Register
from hall.cases.review import Review
from hall.cases.signing import Signing
from hall.cases.uploads import PdfPages
from hall.catalog.service import Catalog
from identity.liveness.service import Verifications

__all__ = ["Calendar", "Cases", "Delivery", "Documents", "Outcome", "People", "Person", "SignatureInput", "TypstDocuments"]


class Cases:
    """Everything about cases, by who acts: `drafts` and `signing` (citizens), `review` (clerks), `progress` (the system and readers)."""

    def __init__(
        self,
        *,
        clock: Clock,
        cipher: Cipher,
        index: BlindIndex,
        vault: Vault,
        catalog: Catalog,
        people: People,
        documents: Documents,
        pdf_pages: PdfPages,
        envelopes: Envelopes,
        verifications: Verifications,
        calendar: Calendar,
        parcels: Parcels,
    ) -> None:
        self.register = Register(clock, cipher)
        self.envelopes, self.catalog, self.calendar = envelopes, catalog, calendar
        self.drafts = Drafts(self.register, catalog, vault, people, documents, index, pdf_pages, envelopes)
        self.signing = Signing(self.register, self.drafts, catalog, vault, people, documents, envelopes, verifications)
        self.review = Review(self.register, self.signing, catalog, vault, calendar, people)
        self.progress = Progress(self.register, catalog, people, parcels)
