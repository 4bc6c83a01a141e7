// Tests confab.js in Node against a running server, with one of the WebSocket libraries for Node.
// Usage, in this directory and after `npm install`: node confab.mjs http://127.0.0.1:8080 ws|undici6|undici7|native
import assert from 'node:assert/strict';
import net from 'node:net';
import { bodies, proxy, record, runAll } from './record.mjs';

const [url, library = 'native'] = process.argv.slice(2);
const WebSocket = library === 'native' ? globalThis.WebSocket : (await import(library)).WebSocket;
let rooms = 0;
const newRoom = () => `js-${process.pid}-${++rooms}`;

/** Opens a connection to the server, and records its events. */
const open = options => record({ url, WebSocket, after: 'earliest', ...options });

/** Returns the URL of a port on which no server listens. */
async function refusing() {
  const listener = net.createServer();
  await new Promise(listening => listener.listen(0, '127.0.0.1', listening));
  const { port } = listener.address();
  await new Promise(closed => listener.close(closed));
  return `http://127.0.0.1:${port}`;
}

const attempts = {
  async 'a refused connection is reported at once, and tried again'() {
    const { chat, seen, state } = open({ url: await refusing(), transport: 'websocket' });
    const start = performance.now();
    await state('waiting');
    const took = performance.now() - start;
    chat.close();
    const { error } = seen.states.find(each => each.state === 'waiting');
    assert.equal(error.code, 'network');
    // The client reports the failure of the socket, not the end of its own time limit of 8 s.
    assert.notEqual(error.message, 'No WebSocket in time');
    return `${Math.round(took)} ms`;
  },

  async 'a rejected request ends the connection'() {
    const { seen, state } = open({ transport: 'websocket', nick: 'x'.repeat(65) });
    await state('closed');
    const { error } = seen.states.at(-1);
    assert.deepEqual([error.code, error.status], ['invalid_nick', 400]);
  },

  async 'a client reconnects after a cut and misses nothing'() {
    const way = await proxy(url);
    const room = newRoom();
    const { chat, seen, until, state } = open({ url: way.url, room, transport: 'websocket' });
    // Before the WebSocket is open, confab.js would publish by an HTTP request.
    await state('open');
    await chat.publish('one');
    way.cut();
    await chat.publish('two');
    await until(({ entries }) => entries.length === 2, 'second message');
    chat.close();
    way.close();
    assert.deepEqual(bodies(seen.entries), ['one', 'two']);
    assert.ok(chat.stats.reconnects >= 1);
  },

  async 'an invalid body is rejected at once, over every transport'() {
    for (const transport of ['websocket', 'sse', 'longpoll']) {
      const { chat, state } = open({ room: newRoom(), transport });
      await state('open');
      const start = performance.now();
      await assert.rejects(chat.publish(42), error => /^invalid_(body|frame)$/.test(error.code));
      await assert.rejects(chat.publish('x'.repeat(70_000)), error => /_too_large$/.test(error.code));
      // Much less than the time-out of a publish, 120 s, and more than any pause of the machine.
      assert.ok(performance.now() - start < 60_000);
      chat.close();
    }
  },

  async 'the author and the stored message are the same over every transport'() {
    const room = newRoom();
    const ids = new Set();
    for (const transport of ['websocket', 'sse', 'longpoll']) {
      const { chat, state } = open({ room, transport, nick: 'ann' });
      await state('open');
      ids.add((await chat.publish('hi', { nick: 'bot', key: 'k1' })).id);
      ids.add((await chat.publish('ho', { nick: '', key: 'k2' })).id);
      const { entries } = await chat.history();
      assert.deepEqual(entries.filter(each => each.type === 'message').map(each => each.nick), ['bot', 'ann']);
      chat.close();
    }
    assert.equal(ids.size, 2);
  },

  async 'a cursor of another log gets a gap, and the state is open'() {
    for (const transport of ['websocket', 'sse', 'longpoll']) {
      const { chat, seen, until, state } = open({ room: newRoom(), transport, after: '7ZZZZZZZZZZZZZZZZZZZZZZZZZ' });
      await state('open');
      await until(({ gaps }) => gaps.length === 1, 'gap');
      await chat.publish('after the gap');
      await until(({ entries }) => entries.length === 1, 'message');
      assert.equal(chat.state, 'open');
      assert.equal(seen.gaps[0].reason, 'replaced');
      chat.close();
    }
  },

  async 'presence lists the participants of all rooms'() {
    const [a, b] = [newRoom(), newRoom()].sort();
    const { chat, until } = open({ room: [b, a], nick: 'ann' });
    const other = open({ room: [b, a] });
    await other.until(({ entries }) => entries.length === 2, 'joins');
    assert.deepEqual(await chat.presence(), [a, b].map(room => ({ room, participants: [{ nick: 'ann' }] })));
    chat.close();
    other.chat.close();
  },

  async 'a signal that is already aborted closes the connection'() {
    const { chat, seen, state } = open({ signal: AbortSignal.abort() });
    await state('closed');
    assert.deepEqual(seen.states.map(each => each.state), ['closed']);
    await assert.rejects(chat.publish('x'), { code: 'closed' });
  },
};

await runAll(library, attempts);
