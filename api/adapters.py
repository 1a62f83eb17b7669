"""Small bridges between rooms that may not know each other. No rules here: they rename and pass on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from core.actor import Actor
from core.clock import BEIJING, Clock
from core.crypto import BlindIndex
from core.errors import NotFound
from hall.appointments.service import VisitedCase
from hall.cases.service import Cases, Person
from hall.feedback.service import RatedCase
from hall.licences.service import GrantedCase
from identity.accounts.service import ID_NUMBER_INDEX, Accounts, ExternalIdentity, NotDeclared, clean_id_number, mask_id_number
from identity.relying_parties.service import Subjects
from wechat.service import MessageRefused, Wechat

_TITLE_ROOM = 13
"""WeChat allows a thing of 20 characters."""


class WechatLogins:
    """WeChat as the accounts' login and phone provider."""

    def __init__(self, wechat: Wechat) -> None:
        self._wechat = wechat

    async def exchange(self, code: str) -> ExternalIdentity:
        session = await self._wechat.login(code)
        return ExternalIdentity(session.openid, session.unionid)

    async def phone(self, code: str) -> str:
        return await self._wechat.phone_number(code)


class WechatMessenger:
    """WeChat subscribe messages as the notices' messenger."""

    def __init__(self, wechat: Wechat, accounts: Accounts, template_id: str) -> None:
        self._wechat, self._accounts, self._template_id = wechat, accounts, template_id

    async def send(self, account_id: str, *, title: str, phrase: str, at: str, reference: str) -> None:
        openid = await self._accounts.openid_of(account_id)
        fields = {"thing1": title, "phrase2": phrase, "time3": at, "character_string4": reference}
        await self._wechat.send_message(openid, self._template_id, fields)


class WechatInviter:
    """WeChat subscribe messages as the enterprise API's invitations."""

    def __init__(self, messenger: WechatMessenger) -> None:
        self._messenger = messenger

    async def invite(self, account_id: str, *, organisation: str, at: datetime, reference: str) -> bool:
        try:
            await self._messenger.send(
                account_id,
                title=f"{organisation[:_TITLE_ROOM]}请您核验身份",
                phrase="待您确认",
                at=f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
                reference=reference,
            )
        except MessageRefused:
            return False
        return True


class AccountPeople:
    """Accounts as the people of the cases."""

    def __init__(self, accounts: Accounts, index: BlindIndex) -> None:
        self._accounts, self._index = accounts, index

    async def person(self, account_id: str) -> Person | None:
        try:
            found = await self._accounts.identity_of(account_id)
        except (NotDeclared, NotFound):
            return None
        return Person(found.account_id, found.name, mask_id_number(found.id_number), self._of(found.id_number))

    def _of(self, id_number: str) -> str:
        return self._index.of(id_number, context=ID_NUMBER_INDEX)

    def id_index(self, id_number: str) -> str:
        return self._of(clean_id_number(id_number))


class CounterBusiness:
    """What people come to a counter for, as appointments see it: their cases, and what enterprises ask of them."""

    def __init__(self, cases: CaseFacts, requests: Subjects) -> None:
        self._cases, self._requests = cases, requests

    async def may_book(self, actor: Actor, case_id: str, purpose: str) -> bool:
        if purpose == "identity_check" and await self._requests.may_come(actor, case_id):
            return True
        return await self._cases.may_book(actor, case_id, purpose)

    async def visited(self, case_ids: Collection[str]) -> Mapping[str, VisitedCase]:
        asked = {request_id: VisitedCase(title, None) for request_id, title in (await self._requests.titles(case_ids)).items()}
        return {**asked, **await self._cases.visited(case_ids)}


class CaseFacts:
    """The cases as the licence store, the feedback and the appointments need them. `bind` closes the circle after construction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cases: Cases | None = None

    def bind(self, cases: Cases) -> None:
        self._cases = cases

    @property
    def cases(self) -> Cases:
        if self._cases is None:
            raise RuntimeError("the cases are not wired yet")
        return self._cases

    async def granted(self, case_id: str) -> GrantedCase | None:
        outcome = await self.cases.progress.outcome(case_id)
        if outcome is None:
            return None
        case = outcome.case
        return GrantedCase(
            case_id=case.id,
            number=case.number or "",
            holder_id=case.owner_id,
            office_id=case.office_id,
            item_code=case.item_code,
            title=outcome.item_result.name,
            document_class=outcome.item_result.document_class,
            number_prefix=outcome.item_result.number_prefix,
            authority_code=case.item_code[:18],
            authority_name=case.department,
            holder_name=outcome.holder_name,
            holder_uscc=outcome.holder_uscc,
            legal_person=outcome.legal_person,
            address=outcome.address,
            scope=outcome.scope,
            fields=outcome.fields,
            granted_on=outcome.granted_on,
            valid_until=outcome.valid_until,
        )

    async def rated_case(self, actor: Actor, case_id: str) -> RatedCase | None:
        try:
            case = await self.cases.register.of_citizen(actor, case_id, owner_only=True)
        except NotFound:
            return None
        return RatedCase(case.id, case.item_code, case.office_id, await self.cases.progress.is_rateable(actor, case_id))

    async def may_book(self, actor: Actor, case_id: str, purpose: str) -> bool:
        try:
            case = await self.cases.register.of_citizen(actor, case_id)
        except NotFound:
            return False
        return case.state in {"draft", "signing", "returned", "prereview", "prereviewed", "accepted"}

    async def visited(self, case_ids: Collection[str]) -> Mapping[str, VisitedCase]:
        found = await self.cases.register.named(case_ids)
        return {case.id: VisitedCase(case.title, case.commitment_sha256) for case in found.values()}
