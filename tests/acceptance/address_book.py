"""The address book of an account, as a client of the API sees it."""

from typing import Any

import httpx
from msgspec.structs import replace

from teslimat.flows.accounts import Credentials
from teslimat.flows.contacts import add_field
from tests.acceptance.gateway import Gateway
from tests.simulation.house import House

AYSE = {"name": "Ayşe", "surname": "Yılmaz", "email": "ayse@example.com", "gsm": "0530 123 45 67"}


async def switch_on(house: House, name: str = "acme") -> None:
    """Let an account have an address book."""
    (account,) = [account for account in await house.store.accounts() if account.name == name]
    await house.store.transact(lambda tx: tx.update_account(replace(account, contacts=True)))


class Book:
    """The address book of one account, over HTTP."""

    def __init__(self, gateway: Gateway, who: Credentials | None = None) -> None:
        self.gateway = gateway
        self.who = who

    async def ask(self, endpoint: str, **request: object) -> httpx.Response:
        return await self.gateway.ask(endpoint, request, self.who)

    async def told(self, endpoint: str, **request: object) -> Any:
        """What an answer has beside its status, which is 200."""
        answer = await self.ask(endpoint, **request)
        assert answer.status_code == 200, answer.text
        told = answer.json()["response"]
        assert next(iter(told)) == "status"
        assert told.pop("status") == {"code": 200, "message": "İşlem başarılı"}
        return told

    async def group(self, name: str, parent: object = "") -> int:
        told = await self.told("add-group", group={"name": name, "parent": parent})
        return int(told["group"]["id"])

    async def contact(self, **contact: object) -> int:
        return int((await self.told("add-contact", contact=contact))["contact"]["id"])

    async def read(self, contact_id: int) -> Any:
        return (await self.told("get-contact", contact={"id": contact_id}))["contact"]

    async def found(self, key: object, **page: object) -> list[int]:
        answer = await self.ask("search-contacts", search={"key": key, **page})
        if answer.status_code == 465:
            return []
        return [contact["id"] for contact in answer.json()["response"]["contacts"]]

    async def everything(self) -> object:
        """All that can be seen of it."""
        groups = (await self.told("get-groups"))["groups"]
        contacts = await self.ask("search-contacts", search={"key": "90530"})
        return groups, contacts.json()


async def field(gateway: Gateway, name: str = "Şehir") -> int:
    """Define a custom field for acme."""
    return await add_field(gateway.house.store, gateway.house.account_id, name)
