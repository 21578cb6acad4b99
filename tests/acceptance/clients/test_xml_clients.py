"""The gems, plugins and samples that speak XML, each call as it is sent."""

from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from tests.acceptance.clients.scene import DONE, LATER, LOGIN_ALLOWED, SCHEDULE, Client, Refusal, Replay, Scene
from tests.acceptance.clients.xml_client import (
    COMPUTED,
    KEY,
    LOGIN,
    NOW,
    XmlClient,
    by_document,
    by_first_code,
    by_http_status,
    by_lines,
    by_sequence,
    indented,
    national,
    plain,
    with_zero,
)

NET_HTTP = (
    "Content-Type: text/xml\nAccept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3\nAccept: */*\n"
    "User-Agent: Ruby\nHost: HOST\nContent-Length: LENGTH\nConnection: close"
)
CURL = "Host: HOST\nAccept: */*\nContent-Type: text/xml\nContent-Length: LENGTH"
CURL_FORM = "Host: HOST\nAccept: */*\nContent-Length: LENGTH\nContent-Type: application/x-www-form-urlencoded"


def report(order_id: int = DONE, page: str = "<page>1</page><rowCount>1000</rowCount>") -> str:
    return f"<order><id>{order_id}</id>{page}</order>"


def named(order_id: int) -> str:
    return f"<order><id>{order_id}</id></order>"


SDK_RUBY = XmlClient(Client("sdk-ruby", NET_HTTP, by_document, LOGIN_ALLOWED), LOGIN)
GEM = XmlClient(Client("iletimerkezisms", NET_HTTP, by_document, LOGIN_ALLOWED), LOGIN, spelling=with_zero)
GEM_WITH_KEY = GEM._replace(client=Client("iletimerkezisms (key)", NET_HTTP, by_document), who=COMPUTED)
ILETI_MERKEZI = XmlClient(
    Client(
        "ileti_merkezi",
        "Content-Type: text/xml;charset=utf-8\nAccept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3\n"
        "Accept: xml\nUser-Agent: Ruby\nHost: HOST\nContent-Length: LENGTH\nConnection: close",
        by_http_status,
    ),
    COMPUTED,
    text=escape,
    document=plain,
    spelling=with_zero,
)
ILETI_MERKEZI_LOGIN = ILETI_MERKEZI._replace(
    client=ILETI_MERKEZI.client._replace(name="ileti_merkezi (login)", settings=LOGIN_ALLOWED), who=LOGIN
)
GEM_CALLS = [
    SDK_RUBY.sends("send", NOW),
    SDK_RUBY.sends("send_later", SCHEDULE),
    SDK_RUBY.sends("send_several", NOW),
    SDK_RUBY.calls("report", "get-report", report()),
    SDK_RUBY.calls("cancel", "cancel-order", named(LATER)),
    SDK_RUBY.calls("balance", "get-balance"),
    SDK_RUBY.calls("senders", "get-sender"),
    GEM.sends("send", NOW),
    GEM.calls("balance", "get-balance", "<order></order>"),
    GEM.calls("cancel", "send-sms", named(LATER), "cancel posted to send-sms", sees=Refusal(400)),
    GEM_WITH_KEY.sends("send_several", NOW),
    GEM_WITH_KEY.sends("send_later", SCHEDULE),
    GEM_WITH_KEY.calls("balance", "get-balance"),
    ILETI_MERKEZI.sends("send", NOW),
    ILETI_MERKEZI.sends("send_several", NOW),
    ILETI_MERKEZI.sends("send_later", SCHEDULE),
    ILETI_MERKEZI.calls("report", "get-report", report(page="<page>1</page><row_count>1000</row_count>")),
    ILETI_MERKEZI.calls("report", "get-report", report(), "report as in 2018"),
    ILETI_MERKEZI.calls("cancel", "cancel-order", named(LATER)),
    ILETI_MERKEZI.calls("cancel", "cancel-order", named(1), "cancel of a stranger", sees=Refusal(455)),
    ILETI_MERKEZI.calls("balance", "get-balance", "<order></order>"),
    ILETI_MERKEZI.calls("senders", "get-sender"),
    ILETI_MERKEZI_LOGIN.sends("send", NOW),
]

PRESTASHOP = XmlClient(Client("prestashop", CURL, by_lines, LOGIN_ALLOWED), LOGIN, spelling=national)
WOOCOMMERCE = XmlClient(
    Client("woocommerce", CURL, by_first_code, LOGIN_ALLOWED), LOGIN, document=indented, spelling=national
)
WHMCS = XmlClient(Client("whmcs", CURL, by_sequence, LOGIN_ALLOWED), LOGIN, spelling=national)
VTIGER = XmlClient(Client("vtiger", CURL_FORM, by_sequence, LOGIN_ALLOWED), LOGIN, spelling=national)
UNPAGED = report(page="<page></page><rowCount></rowCount>")
PLUGIN_CALLS = [
    PRESTASHOP.sends("send"),
    PRESTASHOP.calls("report", "get-report", report(), sees=3),
    PRESTASHOP.calls("balance", "get-balance", sees=99_997),
    PRESTASHOP.calls("senders", "get-sender"),
    PRESTASHOP.calls("report", "get-report", report(1), "report of a stranger", sees=Refusal(455)),
    WOOCOMMERCE.sends("send", sees=True),
    WOOCOMMERCE._replace(who="<username>LOGIN</username><password>wrong</password>").sends(
        "send", about="send with a wrong password", sees=Refusal(401)
    ),
    WHMCS.sends("send"),
    WHMCS.calls("report", "get-report", UNPAGED, sees=114),
    VTIGER.sends("send"),
    VTIGER.calls("report", "get-report", UNPAGED, sees=114),
]

ANDROID = XmlClient(
    Client(
        "android sample",
        "Content-Type: text/xml; charset=utf-8\nContent-Length: LENGTH\nHost: HOST\nConnection: Keep-Alive\n"
        "Accept-Encoding: gzip\nUser-Agent: okhttp/3.12.1",
        by_first_code,
    ),
    KEY,
)
ROADRUNNER = XmlClient(Client("roadrunner", CURL_FORM, by_document), COMPUTED, document=indented)
NO_TYPE = ROADRUNNER._replace(
    client=Client("roadrunner", CURL.replace("text/xml", "Content-Type: text/xml, UTF-8"), by_document)
)
SAMPLE = XmlClient(
    Client(
        "official sample (data=)",
        "Accept-Encoding: identity\nContent-Length: LENGTH\nHost: HOST\n"
        "Content-Type: application/x-www-form-urlencoded\nConnection: close\nUser-Agent: Python-urllib/2.7",
        by_document,
    ),
    KEY,
    document=lambda xml: f"data={quote(xml)}",
)
OLD_PHP = XmlClient(
    Client("old PHP streams", "Host: HOST\nContent-Length: LENGTH\nContent-Type: application/xml", by_document),
    KEY,
    version="1.0",
)
SAMPLE_CALLS = [
    ANDROID.sends("send", sees=True),
    *(
        ROADRUNNER.sends("send", more=f"<encoding>{encoding}</encoding>", about=f"send in {encoding}")
        for encoding in ("gsm0338-tr", "utf8")
    ),
    NO_TYPE.sends("send_later", SCHEDULE, "send_later with a content type that is none"),
    ROADRUNNER.calls("report", "get-report", report()),
    ROADRUNNER.calls("cancel", "cancel-order", named(LATER)),
    ROADRUNNER.calls("senders", "get-sender"),
    SAMPLE.sends("send"),
    SAMPLE.calls("balance", "get-balance"),
    OLD_PHP.sends("send"),
]

REPLAYS = [*GEM_CALLS, *PLUGIN_CALLS, *SAMPLE_CALLS]


@pytest.mark.parametrize("replay", REPLAYS, ids=str)
async def test_a_client_of_the_xml_api_is_served_as_it_needs(scene: Scene, replay: Replay) -> None:
    await scene.plays(replay)
