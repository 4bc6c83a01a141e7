// Tests confab.js in an installed Firefox against a running server. The browser reaches the server through a proxy.
// Usage, in this directory and after `npm install`, with Node 22: node firefox.mjs http://127.0.0.1:8080 firefox-esr
import assert from 'node:assert/strict';
import { launch } from 'puppeteer-core';
import { proxy, runAll } from './record.mjs';

const [url, executablePath] = process.argv.slice(2);
const way = await proxy(url);
// A busy machine takes long to start a browser.
const browser = await launch({ browser: 'firefox', executablePath, timeout: 60_000, protocolTimeout: 60_000 });
const page = await browser.newPage();
const exceptions = [];
page.on('pageerror', error => exceptions.push(error));
await page.exposeFunction('down', way.down);
await page.exposeFunction('up', way.up);
await page.goto(`${way.url}/?room=elsewhere`, { timeout: 60_000 });

/**
 * Runs in the page: publishes and reads messages before, during and after a time in which the server is down. Then
 * waits for the gap of a cursor of another log.
 */
async function chatAcrossDowntime(transport) {
  const { connect } = await import(`${location.origin}/confab.js`);
  const chat = connect({ transport, room: `firefox-${transport}`, after: 'earliest' });
  const seen = { bodies: [], states: [], gaps: [] };
  let check = () => {};
  const add = list => what => {
    list.push(what);
    check();
  };
  chat.on('entry', entry => add(seen.bodies)(entry.body));
  chat.on('state', ({ state, transport: used }) => add(seen.states)(`${state} ${used}`));
  chat.on('gap', add(seen.gaps));
  const until = (done, what) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${what}: ${JSON.stringify(seen)}`)), 30_000);
    check = () => {
      if (!done()) return;
      clearTimeout(timer);
      resolve();
    };
    check();
  });
  const state = name => until(() => chat.state === name, `state ${name}`);
  let sent = 0;
  const publish = count => Promise.all(Array.from({ length: count }, () => chat.publish(`${++sent}`)));

  await state('open');
  await publish(10);
  await until(() => seen.bodies.length >= 10, 'message 10');
  // These messages are on their way when the connections are cut.
  const cut = publish(10);
  await window.down();
  await state('waiting');
  const waiting = publish(10);
  await window.up();
  await state('open');
  await Promise.all([cut, waiting, publish(10)]);
  await until(() => seen.bodies.at(-1) === '40', 'message 40');
  const { entries } = await chat.history();
  chat.close();
  const stranger = connect({ transport, room: 'firefox', after: '7ZZZZZZZZZZZZZZZZZZZZZZZZZ' });
  const gap = await new Promise(done => stranger.on('gap', done));
  stranger.close();
  return { ...seen, stored: entries.map(entry => entry.body), otherLog: gap.reason };
}

const attempts = Object.fromEntries(['websocket', 'sse', 'longpoll'].map(transport => [
  `${transport}: each message comes once and in order while the server is down for a while`,
  async () => {
    const { bodies, states, gaps, stored, otherLog } = await page.evaluate(chatAcrossDowntime, transport);
    const all = Array.from({ length: 40 }, (_, i) => `${i + 1}`);
    assert.deepEqual({ bodies, stored, gaps, exceptions }, { bodies: all, stored: all, gaps: [], exceptions: [] });
    const opened = states.filter(each => each.startsWith('open'));
    assert.deepEqual([...new Set(opened)], [`open ${transport}`]);
    assert.equal(otherLog, 'replaced');
    return `${opened.length} connections`;
  },
]));

await runAll(await browser.version(), attempts, () => browser.close());
