// Tests npm's `ws` and `eventsource` against a running server: each connects, resumes after a cut, and gets a gap.
// Usage, in this directory and after `npm install`: node clients.mjs http://127.0.0.1:8080
import WebSocket from 'ws';
import { EventSource } from 'eventsource';
import { proxy } from './record.mjs';

const server = new URL(process.argv[2]);
const otherLog = '7ZZZZZZZZZZZZZZZZZZZZZZZZZ';

async function publish(room, body) {
  const answer = await fetch(new URL(`/messages?room=${room}`, server), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ body }),
  });
  if (answer.status !== 201) throw new Error(`publish: ${answer.status}`);
}

/** Collects the received entries. `until` waits for a condition on them, for 15 s at most. */
function inbox() {
  const got = [];
  let check = () => {};
  return {
    got,
    add(entry) {
      got.push(entry);
      check();
    },
    until(done, what) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${what}; received: ${JSON.stringify(got)}`)), 15_000);
        check = () => {
          if (done(got)) {
            clearTimeout(timer);
            resolve();
          }
        };
        check();
      });
    },
  };
}

const bodies = (got) => got.filter((entry) => entry.type === 'message').map((entry) => entry.body);

function expect(got, wanted) {
  const found = JSON.stringify(bodies(got));
  if (found !== JSON.stringify(wanted)) throw new Error(`${found} (expected: ${JSON.stringify(wanted)})`);
}

async function tryWs() {
  const room = `ws-${process.pid}`;
  const way = await proxy(server);
  const box = inbox();
  const open = (after) => {
    const socket = new WebSocket(`ws://${way.host}/ws?room=${room}&after=${after}`);
    socket.on('error', () => {});
    socket.on('message', (data) => box.add(JSON.parse(data)));
    return socket;
  };
  const cursor = () => box.got.reduce((at, e) => (e.type === 'hello' ? e.cursor : (e.id ?? at)), 'latest');
  const first = open('latest');
  await box.until((got) => got.length === 1, 'hello');
  await publish(room, 'one');
  await box.until((got) => bodies(got).length === 1, 'message');
  const closed = new Promise((resolve) => first.on('close', resolve));
  way.cut();
  await closed;
  await publish(room, 'two');
  await publish(room, 'three');
  const second = open(cursor());
  await box.until((got) => bodies(got).length === 3, 'messages after the cut');
  expect(box.got, ['one', 'two', 'three']);
  second.close();
  const third = open(otherLog);
  await box.until((got) => got.some((e) => e.type === 'gap' && e.reason === 'replaced'), 'gap');
  third.close();
  way.close();
}

async function tryEventSource() {
  const room = `es-${process.pid}`;
  const way = await proxy(server);
  const box = inbox();
  const source = new EventSource(`http://${way.host}/events?room=${room}`);
  source.onmessage = (event) => box.add(JSON.parse(event.data));
  const opened = () => new Promise((resolve) => (source.onopen = resolve));
  await opened();
  await publish(room, 'one');
  await box.until((got) => bodies(got).length === 1, 'message');
  const again = opened();
  way.cut();
  await publish(room, 'two');
  await publish(room, 'three');
  await again;
  await box.until((got) => bodies(got).length === 3, 'messages after the cut');
  expect(box.got, ['one', 'two', 'three']);
  source.close();
  const lost = new EventSource(`http://${way.host}/events?room=${room}&after=${otherLog}`);
  lost.addEventListener('gap', (event) => box.add(JSON.parse(event.data)));
  await box.until((got) => got.some((e) => e.type === 'gap' && e.reason === 'replaced'), 'gap');
  lost.close();
  way.close();
}

/**
 * Cuts the connection before the first message. The client then resumes at the id of the event `hello`, and gets the
 * messages that were published meanwhile.
 */
async function tryEventSourceBeforeItsFirstMessage() {
  const room = `es-first-${process.pid}`;
  const way = await proxy(server);
  const box = inbox();
  const source = new EventSource(`http://${way.host}/events?room=${room}`);
  source.onmessage = (event) => box.add(JSON.parse(event.data));
  const greeted = () => new Promise((resolve) => source.addEventListener('hello', resolve, { once: true }));
  const opened = () => new Promise((resolve) => (source.onopen = resolve));
  // The client opens before it has read the greeting, and without the greeting it has no id to resume at.
  await greeted();
  const again = opened();
  way.cut();
  await publish(room, 'one');
  await publish(room, 'two');
  await again;
  await box.until((got) => bodies(got).length === 2, 'messages after the cut');
  expect(box.got, ['one', 'two']);
  source.close();
  way.close();
}

let failed = false;
for (const [name, attempt, what] of [
  ['npm ws', tryWs, 'connects, resumes after a cut, and gets a gap'],
  ['npm eventsource', tryEventSource, 'connects, resumes after a cut, and gets a gap'],
  ['npm eventsource', tryEventSourceBeforeItsFirstMessage, 'misses nothing after a cut before its first message'],
]) {
  try {
    await attempt();
    console.log(`${name}: ${what}`);
  } catch (failure) {
    failed = true;
    console.log(`${name}: FAILED: ${failure.message}`);
  }
}
process.exit(failed ? 1 : 0);
