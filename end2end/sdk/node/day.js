// An ordinary day of Green-API's own JavaScript client against the emulator.
//
// Usage: node day.js <emulator address>. The last line is `node: N passed, N failed`. What the
// emulator's world does is asked for through its control API, everything else goes through the
// client.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import FormData from 'form-data';
import whatsapp from '@green-api/whatsapp-api-client';

const url = process.argv[2].replace(/\/$/, '');
const olga = '79990000002@c.us';
const ivan = '79990000003@c.us';
let passed = 0;
let failed = 0;

async function control(path, body, method = body ? 'POST' : 'GET') {
  const answer = await fetch(`${url}/_control/${path}`, { method, body: body && JSON.stringify(body) });
  const json = await answer.json();
  assert.ok(answer.ok, `control ${path}: ${JSON.stringify(json)}`);
  return json;
}

async function step(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`  ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`  FAIL  ${name}: ${error.message}`);
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function eventually(check) {
  for (let tries = 0; tries < 100; tries += 1) {
    const got = await check();
    if (got) return got;
    await pause(50);
  }
  throw new Error('it never came');
}

const { id, token } = await control('green-api/instances', { inbox: true });
const green = whatsapp.restAPI({ idInstance: String(id), apiTokenInstance: token, host: url, media: url });
const mine = (path) => `green-api/${id}/${path}`;
await control(mine('contact'), { chat: olga, name: 'Ольга', avatar: true });
const folder = mkdtempSync(join(tmpdir(), 'besedka-sdk-'));
const kept = {};

async function take(wanted) {
  for (let tries = 0; tries < 100; tries += 1) {
    const note = await green.webhookService.receiveNotification();
    if (!note) continue;
    const done = await green.webhookService.deleteNotification(note.receiptId);
    assert.equal(done.result, true);
    if (wanted(note.body)) return note.body;
  }
  throw new Error('no such notification');
}
const kind = (typeWebhook) => (body) => body.typeWebhook === typeWebhook;
const type = (typeMessage) => (body) => body.messageData?.typeMessage === typeMessage;

await step('state and settings', async () => {
  assert.deepEqual(await green.instance.getStateInstance(), { stateInstance: 'authorized' });
  assert.equal((await green.settings.getSettings()).wid, '79990000001@c.us');
  assert.deepEqual(await green.settings.setSettings({ delaySendMessagesMilliseconds: 1000 }), { saveSettings: true });
  assert.equal((await green.settings.getSettings()).delaySendMessagesMilliseconds, 1000);
  assert.equal((await green.settings.getWaSettings()).phone, '79990000001');
  assert.equal((await take(kind('stateInstanceChanged'))).stateInstance, 'starting');
  assert.equal((await take(kind('stateInstanceChanged'))).stateInstance, 'authorized');
});

await step('a text goes out and is delivered', async () => {
  kept.text = (await green.message.sendMessage(olga, null, 'Добрый день')).idMessage;
  assert.equal((await take(kind('outgoingAPIMessageReceived'))).idMessage, kept.text);
  assert.equal((await take(kind('outgoingMessageStatus'))).status, 'sent');
  assert.equal((await take(kind('outgoingMessageStatus'))).status, 'delivered');
  const byPhone = await green.message.sendMessage(null, 79990000003, 'По номеру');
  assert.equal((await take(kind('outgoingAPIMessageReceived'))).senderData.chatId, ivan);
  assert.ok(byPhone.idMessage);
});

await step('incoming kinds reach the client’s own callbacks', async () => {
  const heard = [];
  green.webhookService.onReceivingMessageText((body) => heard.push(body.messageData.typeMessage));
  green.webhookService.onReceivingMessageTextURL((body) => heard.push(body.messageData.typeMessage));
  green.webhookService.onReceivingMessageImage((body) => heard.push(body.messageData.typeMessage));
  green.webhookService.onReceivingMessageDocument((body) => heard.push(body.messageData.typeMessage));
  green.webhookService.onReceivingMessageAudio((body) => heard.push(body.messageData.typeMessage));
  await control(mine('incoming'), [
    { chat: olga, text: 'Здравствуйте' },
    { chat: olga, text: 'Смотрите https://example.com' },
    { chat: olga, file: { name: 'photo.jpg' } },
    { chat: olga, file: { name: 'договор.pdf' } },
    { chat: olga, file: { name: 'voice.ogg' } },
  ]);
  await green.webhookService.startReceivingNotifications();
  await eventually(() => heard.length === 5);
  await green.webhookService.stopReceivingNotifications();
  assert.deepEqual(heard, ['textMessage', 'extendedTextMessage', 'imageMessage', 'documentMessage', 'audioMessage']);
  // The client's last long poll is still waiting; let it end before taking by hand again.
  await pause(5200);
});

await step('files by upload, by address and from the store', async () => {
  const path = join(folder, 'photo.png');
  writeFileSync(path, Buffer.from('89504e470d0a1a0a', 'hex'));
  const form = new FormData();
  form.append('file', Buffer.from('file text'), { filename: 'заметка.txt', contentType: 'text/plain' });
  form.append('chatId', olga);
  form.append('caption', 'подпись');
  const sent = await green.file.sendFileByUpload(form);
  assert.equal(await (await fetch(sent.urlFile)).text(), 'file text');
  const echo = await take(type('documentMessage'));
  assert.equal(echo.messageData.fileMessageData.fileName, 'заметка.txt');
  assert.equal(echo.messageData.fileMessageData.caption, 'подпись');
  const { urlFile } = await green.file.uploadFile(path);
  assert.equal((await (await fetch(urlFile)).arrayBuffer()).byteLength, 8);
  await green.file.sendFileByUrl(olga, null, urlFile, 'photo.png', 'фото');
  assert.equal((await take(type('imageMessage'))).messageData.fileMessageData.caption, 'фото');
});

await step('location, contact, poll, forward', async () => {
  await green.message.sendLocation(olga, null, 'Офис', 'Москва', 55.75, 37.61);
  await green.message.sendContact(olga, null, { phoneContact: 79990000003, firstName: 'Иван' });
  await green.message.sendPoll(olga, null, 'Цвет?', [{ optionName: 'Красный' }, { optionName: 'Синий' }]);
  const { messages } = await green.message.forwardMessages(ivan, olga, [kept.text]);
  assert.equal((await take(type('locationMessage'))).messageData.locationMessageData.latitude, 55.75);
  assert.match((await take(type('contactMessage'))).messageData.contactMessageData.vcard, /waid=79990000003/);
  assert.equal((await take(type('pollMessage'))).messageData.pollMessageData.options.length, 2);
  assert.equal((await take((body) => body.idMessage === messages[0])).senderData.chatId, ivan);
});

await step('read, edit, delete', async () => {
  assert.deepEqual(await green.message.readChat(olga, null), { setRead: true });
  await green.instance.editMessage(olga, kept.text, 'Здравствуйте');
  assert.equal((await take(type('editedMessage'))).messageData.editedMessageData.stanzaId, kept.text);
  await green.instance.deleteMessage(olga, kept.text);
  await take(type('deletedMessage'));
  const row = await green.message.getMessage(olga, kept.text);
  assert.deepEqual([row.isEdited, row.isDeleted], [true, true]);
});

await step('journals and files of old messages', async () => {
  const history = await green.message.getChatHistory(olga, 50);
  const picture = history.find((row) => row.type === 'incoming' && row.typeMessage === 'imageMessage');
  const { downloadUrl } = await green.file.downloadFile(olga, picture.idMessage);
  assert.equal((await fetch(downloadUrl)).headers.get('content-type'), 'image/jpeg');
  assert.equal((await green.message.lastIncomingMessages()).length, 5);
  assert.ok((await green.message.lastOutgoingMessages()).some((row) => row.textMessage === 'По номеру'));
});

await step('queue and QR', async () => {
  await green.instance.logout();
  const { idMessage } = await green.message.sendMessage(olga, null, 'Позже');
  const [queued] = await green.message.showMessagesQueue();
  assert.deepEqual([queued.messageID, queued.type, queued.body.message], [idMessage, 'sendMessage', 'Позже']);
  const code = await green.instance.qr();
  assert.equal(code.type, 'qrCode');
  assert.equal(Buffer.from(code.message, 'base64').subarray(1, 4).toString(), 'PNG');
  assert.equal((await green.instance.getAuthorizationCode(79990000001)).status, true);
  await control(mine('scan'), {});
  // What waited goes out once the account is linked.
  await eventually(async () => (await control(mine('sent'))).some((row) => row.id === idMessage));
  assert.deepEqual(await green.message.clearMessagesQueue(), { isCleared: true });
});

await step('contacts, avatars, numbers, chats', async () => {
  assert.equal((await green.instance.checkWhatsapp(79990000002)).existsWhatsapp, true);
  const { urlAvatar } = await green.instance.getAvatar(olga, null);
  assert.equal((await fetch(urlAvatar)).headers.get('content-type'), 'image/png');
  assert.ok((await green.instance.getContacts()).some((row) => row.id === olga && row.name === 'Ольга'));
  assert.equal((await green.instance.getContactInfo(olga)).name, 'Ольга');
  await green.instance.archiveChat(olga);
  assert.equal((await green.instance.getChats()).find((row) => row.id === olga).archive, true);
  await green.instance.unarchiveChat(olga);
});

await step('groups', async () => {
  const { chatId } = await green.group.createGroup('Отдел', [olga]);
  assert.deepEqual(await green.group.updateGroupName(chatId, 'Продажи'), { updateGroupName: true });
  assert.deepEqual(await green.group.addGroupParticipant(chatId, null, 79990000003), { addParticipant: true });
  assert.deepEqual(await green.group.setGroupAdmin(chatId, ivan), { setGroupAdmin: true });
  assert.deepEqual(await green.group.removeAdmin(chatId, ivan), { removeAdmin: true });
  assert.deepEqual(await green.group.removeGroupParticipant(chatId, ivan), { removeParticipant: true });
  const path = join(folder, 'group.jpg');
  writeFileSync(path, Buffer.from('ffd8ffd9', 'hex'));
  assert.equal((await green.group.setGroupPicture(chatId, path)).setGroupPicture, true);
  assert.equal((await green.group.getGroupData(chatId)).subject, 'Продажи');
  assert.deepEqual(await green.group.leaveGroup(chatId), { leaveGroup: true });
});

await step('refusals', async () => {
  const wrong = whatsapp.restAPI({ idInstance: String(id), apiTokenInstance: 'wrong', host: url, media: url });
  await assert.rejects(wrong.instance.getStateInstance(), (error) => {
    assert.deepEqual([error.response.status, error.response.data], [401, '']);
    return true;
  });
  await control('faults', { scope: id, method: 'sendMessage', preset: '502' });
  await assert.rejects(green.message.sendMessage(olga, null, 'текст'), /502/);
  await control('faults', { scope: id, method: 'sendMessage', effect: 'drop', accepted: true });
  await assert.rejects(green.message.sendMessage(olga, null, 'принято, но без ответа'));
  await eventually(async () => (await control(mine('sent'))).some((row) => row.text === 'принято, но без ответа'));
  await assert.rejects(green.message.sendButtons(olga, 'текст', 'низ', [{ buttonId: '1', buttonText: 'Да' }]), /403/);
});

await step('reboot', async () => {
  assert.deepEqual(await green.instance.reboot(), { isReboot: true });
  await eventually(async () => (await green.instance.getStateInstance()).stateInstance === 'authorized');
});

await control(mine('').slice(0, -1), undefined, 'DELETE');
rmSync(folder, { recursive: true });
console.log(`node: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
