"""An ordinary day of Green-API's own Python client against the emulator.

Usage: day.py <emulator address>. Every step prints its name; the last line is
`python: N passed, N failed`. What the emulator's world does (a client writes, a phone scans) is
asked for through its control API, everything else goes through the client.
"""

import asyncio
import base64
import json
import logging
import struct
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from whatsapp_api_client_python import API

# The client logs every refusal, and refusals are part of the day.
logging.disable(logging.CRITICAL)

URL = sys.argv[1].rstrip("/")
OLGA = "79990000002@c.us"
IVAN = "79990000003@c.us"
NOBODY = 79990000404
passed, failed = 0, 0


def control(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/_control/{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def download(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def step(name):
    """Runs a function as a named step and counts how it ends."""

    def run(function):
        global passed, failed
        try:
            function()
            passed += 1
            print(f"  ok    {name}")
        except Exception as error:
            failed += 1
            print(f"  FAIL  {name}: {type(error).__name__}: {error}")

    return run


def equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def eventually(check, seconds=5):
    """Waits for something true and gives it."""
    until = time.monotonic() + seconds
    while True:
        got = check()
        if got:
            return got
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


made = control("green-api/instances", {"inbox": True, "pace": {"read_ms": 30}})
ID, TOKEN = made["id"], made["token"]
green = API.GreenAPI(str(ID), TOKEN, host=URL, media=URL)
control(f"green-api/{ID}/contact", {"chat": OLGA, "name": "Ольга", "avatar": True})
control(f"green-api/{ID}/outcome", {"chat": str(NOBODY), "status": "noAccount"})
seen = []  # notifications taken so far, bodies only
kept = {}  # ids that later steps need


def take(wanted, seconds=10):
    """Receives and deletes notifications until one fits."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = green.receiving.receiveNotification(5)
        equal(answer.code, 200)
        if not answer.data:
            continue
        again = green.receiving.receiveNotification(5)
        equal(again.data["receiptId"], answer.data["receiptId"])
        done = green.receiving.deleteNotification(answer.data["receiptId"])
        equal(done.data["result"], True)
        body = answer.data["body"]
        seen.append(body)
        if wanted(body):
            return body
    raise AssertionError("no such notification")


def ok(answer):
    equal(answer.code, 200)
    return answer.data


@step("state and settings")
def _():
    equal(ok(green.account.getStateInstance()), {"stateInstance": "authorized"})
    equal(ok(green.account.getStatusInstance()), {"statusInstance": "online"})
    settings = ok(green.account.getSettings())
    equal(settings["wid"], "79990000001@c.us")
    equal(settings["webhookUrl"], "")
    equal(settings["incomingWebhook"], "yes")
    equal(ok(green.account.getWaSettings())["phone"], "79990000001")
    equal(ok(green.account.setSettings({"markIncomingMessagesReaded": "yes"})),
          {"saveSettings": True})
    equal(ok(green.account.getSettings())["markIncomingMessagesReaded"], "yes")
    states = eventually(lambda: [
        row["stateInstance"] for row in ok(green.account.getStateInstanceHistory())
        if len(ok(green.account.getStateInstanceHistory())) == 3])
    equal(states, ["authorized", "starting", "authorized"])


@step("notification of the reboot")
def _():
    equal(take(lambda b: b["typeWebhook"] == "stateInstanceChanged")["stateInstance"], "starting")
    equal(take(lambda b: b["typeWebhook"] == "stateInstanceChanged")["stateInstance"],
          "authorized")


@step("a text goes out and is read")
def _():
    kept["text"] = ok(green.sending.sendMessage(OLGA, "Добрый день! 👋"))["idMessage"]
    echo = take(lambda b: b["typeWebhook"] == "outgoingAPIMessageReceived")
    equal(echo["idMessage"], kept["text"])
    equal(echo["messageData"]["extendedTextMessageData"]["text"], "Добрый день! 👋")
    for status in ["sent", "delivered", "read"]:
        got = take(lambda b: b["typeWebhook"] == "outgoingMessageStatus")
        equal((got["status"], got["idMessage"], got["chatId"]), (status, kept["text"], OLGA))


@step("a text comes in, is read and answered with a quote")
def _():
    written = control(f"green-api/{ID}/incoming", {"chat": OLGA, "text": "Сколько стоит?"})["id"]
    note = take(lambda b: b["typeWebhook"] == "incomingMessageReceived")
    equal(note["idMessage"], written)
    equal(note["messageData"]["textMessageData"]["textMessage"], "Сколько стоит?")
    equal(note["senderData"]["senderName"], "Ольга")
    equal(ok(green.marking.readChat(OLGA, written)), {"setRead": True})
    ok(green.sending.sendMessage(OLGA, "Сто рублей", quotedMessageId=written))
    echo = take(lambda b: b["typeWebhook"] == "outgoingAPIMessageReceived")
    equal(echo["messageData"]["typeMessage"], "quotedMessage")
    equal(echo["messageData"]["quotedMessage"]["textMessage"], "Сколько стоит?")


@step("files by upload, by address and from the store")
def _():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Счёт № 5.pdf")
        path.write_bytes(b"%PDF-1.4 test")
        sent = ok(green.sending.sendFileByUpload(OLGA, str(path), "Счёт № 5.pdf", "счёт"))
        equal(download(sent["urlFile"]), b"%PDF-1.4 test")
        echo = take(lambda b: b.get("messageData", {}).get("typeMessage") == "documentMessage")
        equal(echo["messageData"]["fileMessageData"]["fileName"], "Счёт № 5.pdf")
        equal(echo["messageData"]["fileMessageData"]["caption"], "счёт")
        photo = Path(folder, "photo.png")
        photo.write_bytes(b"\x89PNG\r\n\x1a\n")
        stored = ok(green.sending.uploadFile(str(photo)))["urlFile"]
        equal(download(stored), b"\x89PNG\r\n\x1a\n")
        ok(green.sending.sendFileByUrl(OLGA, stored, "photo.png", "фото"))
        echo = take(lambda b: b.get("messageData", {}).get("typeMessage") == "imageMessage")
        equal(echo["messageData"]["fileMessageData"]["downloadUrl"], stored)


@step("an incoming picture and a fresh link to it")
def _():
    written = control(f"green-api/{ID}/incoming",
                      {"chat": OLGA, "text": "чек", "file": {"name": "check.jpg"}})["id"]
    note = take(lambda b: b.get("idMessage") == written)
    file = note["messageData"]["fileMessageData"]
    equal((file["mimeType"], file["caption"]), ("image/jpeg", "чек"))
    first = download(file["downloadUrl"])
    equal(first[:2], b"\xff\xd8")
    assert base64.b64decode(file["jpegThumbnail"])[:2] == b"\xff\xd8"
    control(f"green-api/{ID}/expire_files", {})
    try:
        download(file["downloadUrl"])
        raise AssertionError("the link lives on")
    except urllib.error.HTTPError as error:
        equal(error.code, 404)
    fresh = ok(green.receiving.downloadFile(OLGA, written))["downloadUrl"]
    equal(download(fresh), first)


@step("location, contact, poll, buttons, forward")
def _():
    ok(green.sending.sendLocation(OLGA, 55.75, 37.61, "Офис", "Москва"))
    ok(green.sending.sendContact(OLGA, {"phoneContact": 79990000003, "firstName": "Иван"}))
    ok(green.sending.sendPoll(OLGA, "Цвет?", [{"optionName": "Красный"}, {"optionName": "Синий"}]))
    ok(green.sending.sendInteractiveButtons(
        OLGA, "Выберите", [{"type": "url", "buttonId": "1", "buttonText": "Сайт",
                            "url": "https://example.com"}], header="Заголовок"))
    ok(green.sending.sendInteractiveButtonsReply(
        OLGA, "Выберите", [{"buttonId": "1", "buttonText": "Да"}]))
    new = ok(green.sending.forwardMessages(IVAN, OLGA, [kept["text"]]))["messages"]
    equal(len(new), 1)
    kinds = []
    take(lambda b: (b["typeWebhook"] == "outgoingAPIMessageReceived"
                    and kinds.append(b["messageData"]["typeMessage"]) is None
                    and b["idMessage"] == new[0]))
    equal(kinds, ["locationMessage", "contactMessage", "pollMessage", "interactiveButtons",
                  "interactiveButtons", "extendedTextMessage"])


@step("edit and delete")
def _():
    ok(green.serviceMethods.editMessage(OLGA, kept["text"], "Здравствуйте!"))
    edit = take(lambda b: b.get("messageData", {}).get("typeMessage") == "editedMessage")
    equal(edit["messageData"]["editedMessageData"],
          {"textMessage": "Здравствуйте!", "stanzaId": kept["text"]})
    equal(green.serviceMethods.deleteMessage(OLGA, kept["text"]).code, 200)
    gone = take(lambda b: b.get("messageData", {}).get("typeMessage") == "deletedMessage")
    equal(gone["messageData"]["deletedMessageData"]["stanzaId"], kept["text"])
    row = ok(green.journals.getMessage(OLGA, kept["text"]))
    equal((row["isEdited"], row["isDeleted"], row["sendByApi"]), (True, True, True))


@step("journals")
def _():
    history = ok(green.journals.getChatHistory(OLGA, 100))
    times = [row["timestamp"] for row in history]
    equal(times, sorted(times, reverse=True))
    incoming = ok(green.journals.lastIncomingMessages(60))
    equal({row["type"] for row in incoming}, {"incoming"})
    equal([row["textMessage"] for row in incoming if "textMessage" in row], ["Сколько стоит?"])
    outgoing = ok(green.journals.lastOutgoingMessages(60))
    equal({row["chatId"] for row in outgoing}, {OLGA, IVAN})
    control(f"green-api/{ID}/call", {"chat": OLGA, "id": "CALL1", "status": "offer"})
    equal(ok(green.journals.lastIncomingCalls())[0]["idMessage"], "CALL1")
    equal(ok(green.journals.lastOutgoingCalls()), [])


@step("the send queue while the account is not linked")
def _():
    control(f"green-api/{ID}/state", {"state": "notAuthorized"})
    first = ok(green.sending.sendMessage(IVAN, "Позже"))["idMessage"]
    equal(ok(green.queues.getMessagesCount()), {"count": 1})
    equal(ok(green.queues.showMessagesQueue()),
          [{"messageID": first, "type": "sendMessage",
            "body": {"chatId": IVAN, "message": "Позже"}}])
    equal(ok(green.queues.clearMessagesQueue()), {"isCleared": True})
    equal(ok(green.queues.showMessagesQueue()), [])
    assert ok(green.queues.getWebhooksCount())["count"] > 0
    equal(ok(green.queues.clearWebhooksQueue()), {"isCleared": True, "reason": ""})
    equal(ok(green.queues.clearWebhooksQueue())["isCleared"], False)


@step("QR and the code")
def _():
    code = ok(green.account.qr())
    equal(code["type"], "qrCode")
    png = base64.b64decode(code["message"])
    equal(png[:8], b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert width == height > 100
    equal(ok(green.account.qr()), code)
    pair = ok(green.account.getAuthorizationCode(79990000001))
    equal((pair["status"], len(pair["code"])), (True, 8))
    control(f"green-api/{ID}/scan", {})
    equal(ok(green.account.qr())["type"], "alreadyLogged")
    equal(take(lambda b: b["typeWebhook"] == "stateInstanceChanged")["stateInstance"],
          "authorized")


@step("contacts, avatars, numbers")
def _():
    equal(ok(green.contacts.addContact(IVAN, "Иван", "Петров")), {"addContact": True})
    equal(ok(green.contacts.editContact(IVAN, "Иван", "Сидоров")), {"editContact": True})
    people = {row["id"]: row for row in ok(green.serviceMethods.getContacts())}
    equal(people[IVAN]["contactName"], "Иван Сидоров")
    equal(ok(green.contacts.deleteContact(IVAN)), {"deleteContact": True})
    equal(ok(green.serviceMethods.getContactInfo(OLGA))["name"], "Ольга")
    avatar = ok(green.serviceMethods.getAvatar(IVAN))
    equal((avatar["available"], avatar["urlAvatar"]), (False, ""))
    control(f"green-api/{ID}/contact", {"chat": OLGA, "name": "Ольга", "avatar": True})
    avatar = ok(green.serviceMethods.getAvatar(OLGA))
    equal(download(avatar["urlAvatar"])[:4], b"\x89PNG")
    found = ok(green.serviceMethods.checkWhatsapp(79990000002))
    equal((found["existsWhatsapp"], found["phoneNumber"]), (True, OLGA))
    assert found["chatId"].endswith("@lid")
    equal(ok(green.serviceMethods.checkWhatsapp(chatId=found["chatId"]))["phoneNumber"], OLGA)
    equal(ok(green.serviceMethods.checkWhatsapp(NOBODY))["existsWhatsapp"], False)
    equal(green.serviceMethods.checkWhatsapp(79).code, 400)


@step("a number without WhatsApp")
def _():
    sent = ok(green.sending.sendMessage(f"{NOBODY}@c.us", "Есть кто?"))["idMessage"]
    status = take(lambda b: b["typeWebhook"] == "outgoingMessageStatus")
    equal((status["idMessage"], status["status"]), (sent, "noAccount"))


@step("chats: typing, archive, disappearing")
def _():
    equal(green.serviceMethods.sendTyping(OLGA, 1000).code, 200)
    equal(green.serviceMethods.archiveChat(OLGA).code, 200)
    chats = {row["id"]: row for row in ok(green.serviceMethods.getChats())}
    equal((chats[OLGA]["archive"], chats[OLGA]["type"]), (True, "user"))
    equal(green.serviceMethods.unarchiveChat(OLGA).code, 200)
    equal(ok(green.serviceMethods.setDisappearingChat(OLGA, 86400)),
          {"chatId": OLGA, "disappearingMessagesInChat": True, "ephemeralExpiration": 86400})


@step("groups")
def _():
    made = ok(green.groups.createGroup("Отдел", [OLGA]))
    group = made["chatId"]
    assert made["created"] and group.endswith("@g.us")
    equal(ok(green.groups.updateGroupName(group, "Отдел продаж")), {"updateGroupName": True})
    equal(ok(green.groups.addGroupParticipant(group, IVAN)), {"addParticipant": True})
    equal(ok(green.groups.setGroupAdmin(group, IVAN)), {"setGroupAdmin": True})
    equal(ok(green.groups.removeAdmin(group, IVAN)), {"removeAdmin": True})
    equal(ok(green.groups.removeGroupParticipant(group, IVAN)), {"removeParticipant": True})
    equal(ok(green.groups.updateGroupSettings(group, False, False))["updateGroupSettings"], True)
    with tempfile.NamedTemporaryFile(suffix=".jpg") as picture:
        picture.write(b"\xff\xd8\xff\xd9")
        picture.flush()
        equal(ok(green.groups.setGroupPicture(group, picture.name))["setGroupPicture"], True)
        equal(ok(green.account.setProfilePicture(picture.name))["setProfilePicture"], True)
    data = ok(green.groups.getGroupData(group))
    equal((data["subject"], data["size"], data["allowParticipantsSendMessages"]),
          ("Отдел продаж", 2, False))
    ok(green.sending.sendMessage(group, "Всем привет"))
    equal(ok(green.groups.leaveGroup(group)), {"leaveGroup": True})
    equal(ok(green.groups.getGroupData(group)), "Error: forbidden")


@step("stories")
def _():
    told = ok(green.statuses.sendTextStatus("Скидки", "#228B22", "SERIF"))["idMessage"]
    shown = ok(green.statuses.getOutgoingStatuses())
    equal([row["idMessage"] for row in shown], [told])
    equal(ok(green.statuses.getStatusStatistic(told)), [])
    equal(ok(green.statuses.getIncomingStatuses()), [])
    equal(green.statuses.deleteStatus(told).code, 200)
    equal(ok(green.statuses.getOutgoingStatuses()), [])


@step("the asynchronous client")
def _():
    async def day():
        written = control(f"green-api/{ID}/incoming", {"chat": IVAN, "text": "асинхронно"})["id"]
        while True:
            note = ok(await green.receiving.receiveNotificationAsync(5))
            done = ok(await green.receiving.deleteNotificationAsync(note["receiptId"]))
            equal(done["result"], True)
            if note["body"].get("idMessage") == written:
                break
        rows = ok(await green.journals.lastIncomingMessagesAsync(60))
        equal(rows[0]["idMessage"], written)
        sent = ok(await green.sending.sendMessageAsync(IVAN, "ответ"))
        assert sent["idMessage"]
        with tempfile.NamedTemporaryFile(suffix=".txt") as file:
            file.write("текст".encode())
            file.flush()
            sent = ok(await green.sending.sendFileByUploadAsync(IVAN, file.name, "текст.txt"))
            equal(download(sent["urlFile"]).decode(), "текст")

    asyncio.run(day())


@step("refusals")
def _():
    wrong = API.GreenAPI(str(ID), "wrong", host=URL, media=URL)
    answer = wrong.account.getStateInstance()
    equal((answer.code, answer.error), (401, ""))
    equal(API.GreenAPI("1", TOKEN, host=URL, media=URL).account.getStateInstance().code, 403)
    answer = green.sending.sendMessage("Ольга", "текст")
    equal(answer.code, 400)
    body = json.loads(answer.error)
    equal((body["statusCode"], TOKEN in body["path"]), (400, True))
    control("faults", {"scope": str(ID), "method": "sendMessage", "preset": "466_correspondents"})
    equal(green.sending.sendMessage(OLGA, "текст").code, 466)
    # The client itself tries again after 429.
    control("faults", {"scope": str(ID), "method": "sendMessage", "preset": "429"})
    equal(green.sending.sendMessage(OLGA, "текст").code, 200)
    control("faults", {"scope": str(ID), "method": "sendMessage", "effect": "html"})
    equal(green.sending.sendMessage(OLGA, "текст").data, "[]")


@step("what was sent was sent once")
def _():
    sent = control(f"green-api/{ID}/sent")
    ids = [row["id"] for row in sent]
    equal(len(ids), len(set(ids)))
    equal([row["text"] for row in sent if row["text"] == "Добрый день! 👋" and row["chat"] == OLGA],
          ["Добрый день! 👋"])


@step("reboot, new token, logout")
def _():
    equal(ok(green.account.reboot()), {"isReboot": True})
    eventually(lambda: ok(green.account.getStateInstance())["stateInstance"] == "authorized")
    fresh = ok(green.account.updateApiToken())["apiTokenInstance"]
    equal(green.account.getStateInstance().code, 401)
    green.apiTokenInstance = fresh
    equal(ok(green.account.logout()), {"isLogout": True})
    equal(ok(green.account.getStateInstance()), {"stateInstance": "notAuthorized"})


control(f"green-api/{ID}", method="DELETE")
print(f"python: {passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
