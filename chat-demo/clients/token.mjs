// Tests the option `token` of confab.js in Node against a server that authenticates its clients (guarded.mjs).
// Usage, in this directory and after `npm install`: node token.mjs ws|native
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { publish } from '../../packages/confab-client/confab.js';
import { guarded } from './guarded.mjs';
import { bodies, record, runAll } from './record.mjs';

const [library = 'native'] = process.argv.slice(2);
const WebSocket = library === 'native' ? globalThis.WebSocket : (await import(library)).WebSocket;
const transports = ['websocket', 'sse', 'longpoll'];

/** A source of tokens that returns the values one after the other, and the last value again and again. */
function source(...values) {
  const token = async () => {
    token.calls++;
    const value = values.length > 1 ? values.shift() : values[0];
    if (value instanceof Error) throw value;
    return value;
  };
  token.calls = 0;
  return token;
}

function jwt(secondsLeft, name) {
  const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: name, exp: Date.now() / 1000 + secondsLeft })}.${name}`;
}

/** Runs an attempt with a server of its own for each transport. */
const over = (names, attempt) => async () => {
  for (const transport of names) {
    const server = await guarded();
    const opened = [];
    const open = options => {
      const client = record({ url: server.url, WebSocket, after: 'earliest', transport, wait: 5, ...options });
      opened.push(client);
      return client;
    };
    try {
      await attempt({ server, open, transport });
      for (const { url } of server.seen) assert.ok(!/token|bearer/i.test(url), url);
    } catch (failure) {
      failure.message = `${transport}: ${failure.message}`;
      throw failure;
    } finally {
      for (const { chat } of opened) chat.close();
      server.close();
    }
  }
};

const kinds = { websocket: 'WS', sse: 'GET /events', longpoll: 'GET /messages' };
const last = list => list.at(-1);
const reasons = ({ states }) => states.filter(({ error }) => error).map(({ error }) => error);

/** Asserts that the connection has ended with a code, and that no event contains a token. */
function endedWith(seen, code) {
  assert.equal(last(seen.states).state, 'closed');
  assert.equal(last(seen.states).error?.code, code);
  assert.doesNotMatch(inspect(reasons(seen), { depth: 9, showHidden: true }), /token-/);
}

const attempts = {
  'each request carries the token in a header': over(transports, async ({ server, open, transport }) => {
    server.accept('token-a');
    const { chat, state, until } = open({ token: source('token-a') });
    await state('open');
    await chat.publish('one');
    await until(({ entries }) => entries.length === 1, 'entry');
    await chat.history();
    await chat.presence();
    assert.ok(server.tokens(kinds[transport]).length > 0);
    assert.deepEqual([...new Set(server.seen.map(({ token }) => token))], ['token-a']);
  }),

  'a token that expires is replaced, without a lost or doubled entry': over(transports, async ({ server, open, transport }) => {
    server.accept('token-0');
    let current = 0;
    const { chat, seen, state, until } = open({ token: async () => `token-${current}` });
    await state('open');
    for (let i = 1; i <= 3; i++) {
      server.publish(`${i}a`);
      current = i;
      server.accept(`token-${i}`);
      server.expire(`token-${i - 1}`);
      server.publish(`${i}b`);
      await until(({ entries }) => entries.length === 2 * i, `entries of round ${i}`);
    }
    await chat.publish('end');
    await until(({ entries }) => entries.length === 7, 'last entry');
    assert.deepEqual(bodies(seen.entries), server.stored);
    assert.equal(chat.stats.duplicates, 0);
    // A poll is repeated with the new token, so its connection stays open.
    const expected = transport === 'longpoll' ? [] : Array(3).fill('unauthenticated');
    assert.deepEqual(reasons(seen).map(({ code }) => code), expected);
  }),

  'a first token that is refused is requested again': over([...transports, 'auto'], async ({ server, open }) => {
    server.accept('token-b');
    const token = source('token-a', 'token-b');
    const { chat, state } = open({ token });
    await state('open');
    assert.equal(token.calls, 2);
    assert.equal(chat.wanted === 'auto' ? chat.transport : 'websocket', 'websocket');
  }),

  'two new tokens that are refused end the connection': over([...transports, 'auto'], async ({ open }) => {
    const token = source('token-a', 'token-b', 'token-c');
    const { chat, seen, state } = open({ token });
    const message = chat.publish('never');
    await assert.rejects(message, { code: 'unauthenticated' });
    await state('closed');
    endedWith(seen, 'unauthenticated');
    assert.equal(token.calls, 2);
    assert.doesNotMatch(inspect(await message.catch(error => error), { depth: 9 }), /token-/);
  }),

  'after a token that worked, two new ones are tried': over(transports, async ({ server, open }) => {
    server.accept('token-a');
    const token = source('token-a', 'token-b', 'token-c', 'token-d');
    const { seen, state } = open({ token });
    await state('open');
    server.expire('token-a');
    await state('closed');
    endedWith(seen, 'unauthenticated');
    assert.equal(token.calls, 3);
  }),

  'a request whose new tokens are refused ends the connection': over(['sse'], async ({ server, open }) => {
    for (const request of [chat => chat.publish('never'), chat => chat.history(), chat => chat.presence()]) {
      server.accept('token-a');
      const { chat, seen, state } = open({ token: source('token-a', 'token-b', 'token-c', 'token-d') });
      await state('open');
      server.refuse('token-a');
      await assert.rejects(request(chat), { code: 'unauthenticated', status: 401 });
      await state('closed');
      endedWith(seen, 'unauthenticated');
    }
  }),

  'a JWT is renewed over the open WebSocket before it expires': over(['websocket'], async ({ server, open }) => {
    const tokens = [jwt(2, 'token-a'), jwt(600, 'token-b')];
    tokens.forEach(server.accept);
    const renewed = server.until('auth', tokens[1]);
    const { chat, state, until } = open({ token: source(...tokens) });
    await state('open');
    await renewed;
    server.expire(tokens[0]);
    server.publish('after the renewal');
    await until(({ entries }) => entries.length === 1, 'entry');
    assert.deepEqual(server.tokens('auth'), [tokens[1]]);
    assert.deepEqual([server.handshakes, chat.stats.reconnects], [1, 0]);
  }),

  'a poll takes the renewed JWT before the server refuses the old one': over(['shortpoll'], async ({ server, open }) => {
    const tokens = [jwt(2, 'token-a'), jwt(600, 'token-b')];
    tokens.forEach(server.accept);
    const renewed = server.until('GET /messages', tokens[1]);
    const { chat, seen } = open({ token: source(...tokens), interval: 50 });
    await renewed;
    assert.equal(chat.stats.reconnects, 0);
    assert.deepEqual(reasons(seen), []);
  }),

  'a JWT that seems to have expired is used: the clock may be wrong': over(transports, async ({ server, open }) => {
    const old = jwt(-3_600, 'token-a');
    server.accept(old);
    const token = source(old);
    const { chat, state } = open({ token });
    await state('open');
    const { now } = Date;
    try {
      Date.now = () => now() + 60_000;
      await chat.history();
    } finally {
      Date.now = now;
    }
    assert.equal(token.calls, 1);
  }),

  'a renewed token that the server refuses is replaced by another one': over(['websocket'], async ({ server, open }) => {
    const tokens = [jwt(2, 'token-a'), 'token-b', 'token-c'];
    server.accept(tokens[0]);
    server.accept(tokens[2]);
    const { chat, state, until } = open({ token: source(...tokens) });
    await state('open');
    await until(() => chat.stats.opened === 2, 'second connection');
    assert.deepEqual(server.tokens('auth'), ['token-b']);
    assert.deepEqual(server.tokens('WS'), [tokens[0], 'token-c']);
  }),

  'a message that is refused because of its token is sent again': over(['websocket'], async ({ server, open }) => {
    server.accept('token-a');
    server.accept('token-b');
    const { chat, state } = open({ token: source('token-a', 'token-b') });
    await state('open');
    server.refuseNext();
    await Promise.all([chat.publish('one'), chat.publish('two')]);
    assert.deepEqual(server.stored, ['one', 'two']);
  }),

  'a token that no subprotocol can contain is sent as the first frame': over(['websocket'], async ({ server, open }) => {
    server.accept('a/b==');
    const { state } = open({ token: source('a/b==') });
    await state('open');
    assert.deepEqual([server.tokens('WS'), server.tokens('auth')], [[undefined], ['a/b==']]);
  }),

  'a 403 ends the connection': over([...transports, 'auto'], async ({ server, open }) => {
    server.accept('token-a');
    server.forbid();
    const { seen, state } = open({ token: source('token-a') });
    await state('closed');
    endedWith(seen, 'forbidden');
  }),

  'the close codes 4501 and 4503 end the connection': over(['websocket', 'auto'], async ({ server, open }) => {
    server.accept('token-a');
    for (const [code, name] of [[4501, 'unauthenticated'], [4503, 'forbidden']]) {
      const { seen, state } = open({ token: source('token-a') });
      await state('open');
      server.closeSockets(code);
      await state('closed');
      endedWith(seen, name);
    }
  }),

  'a token function that fails is called again later': over(transports, async ({ server, open, transport }) => {
    server.accept('token-a');
    const token = source(new Error('offline'), 'token-a');
    const { seen, state } = open({ token });
    await state('open');
    assert.equal(token.calls, 2);
    assert.deepEqual(reasons(seen).map(({ code }) => code), ['token']);
    assert.ok(seen.states.every(each => each.transport === transport || each.transport === null));
  }),

  'a token that is not a string ends the connection': over(transports, async ({ open }) => {
    for (const value of [undefined, '', { secret: 'token-a' }, 'token-a\n']) {
      const { seen, state } = open({ token: source(value) });
      await state('closed');
      endedWith(seen, 'unauthenticated');
    }
  }),

  'publish without a connection takes a token, too': over(['none'], async ({ server }) => {
    server.accept('token-b');
    await publish({ url: server.url, body: 'one', token: source('token-a', 'token-b') });
    assert.deepEqual(server.stored, ['one']);
    const refused = publish({ url: server.url, body: 'two', token: source('token-c') });
    await assert.rejects(refused, { code: 'unauthenticated', status: 401 });
  }),
};

await runAll(library, attempts);
