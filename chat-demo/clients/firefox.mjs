// Tests confab.js in an installed Firefox against a running server. The browser reaches the server through a proxy.
// Usage, in this directory and after `npm install`, with Node 22: node firefox.mjs http://127.0.0.1:8080 /usr/bin/firefox-esr
import assert from 'node:assert/strict';
import { launch } from 'puppeteer-core';
import { proxy, runAll } from './record.mjs';

const [url, executablePath] = process.argv.slice(2);
const way = await proxy(url);
// A busy machine takes long to start a browser. A page reports which of its waits failed before the protocol gives up.
const browser = await launch({ browser: 'firefox', executablePath, timeout: 60_000, protocolTimeout: 120_000 });
const page = await browser.newPage();
const exceptions = [];
page.on('pageerror', error => exceptions.push(error));
await page.exposeFunction('downAtNextResponse', way.downAtNextResponse);
await page.exposeFunction('up', way.up);
await page.goto(`${way.url}/?room=elsewhere`, { timeout: 60_000 });

/**
 * Runs in the page: publishes and reads messages before, during and after a time in which the server is down. Then
 * waits for the gap of a cursor of another log.
 */
async function chatAcrossDowntime(transport, room) {
  const { connect } = await import(`${location.origin}/confab.js`);
  const chat = connect({ transport, room, after: 'earliest' });
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
    const timer = setTimeout(() => reject(new Error(`no ${what}: ${JSON.stringify(seen)}`)), 15_000);
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
  // The first response to these messages is lost, and then the server is down.
  await window.downAtNextResponse();
  const cut = publish(10);
  await state('waiting');
  const waiting = publish(10);
  await window.up();
  await state('open');
  await Promise.all([cut, waiting, publish(10)]);
  await until(() => seen.bodies.at(-1) === '40', 'message 40');
  const { entries } = await chat.history();
  chat.close();
  const before = seen.gaps.length;
  const stranger = connect({ transport, room, after: '7ZZZZZZZZZZZZZZZZZZZZZZZZZ' });
  stranger.on('gap', add(seen.gaps));
  await until(() => seen.gaps.length > before, 'gap');
  stranger.close();
  return { ...seen, stored: entries.map(entry => entry.body), gaps: seen.gaps.map(gap => gap.reason) };
}

const attempts = Object.fromEntries(['websocket', 'sse', 'longpoll'].map(transport => [
  `${transport}: each message comes once and in order while the server is down for a while`,
  async () => {
    way.up();
    exceptions.length = 0;
    const room = `firefox-${transport}-${process.pid}`;
    const { bodies, states, gaps, stored } = await page.evaluate(chatAcrossDowntime, transport, room);
    const all = Array.from({ length: 40 }, (_, i) => `${i + 1}`);
    assert.deepEqual({ bodies, stored, gaps, exceptions }, { bodies: all, stored: all, gaps: ['replaced'], exceptions: [] });
    const opened = states.filter(each => each.startsWith('open'));
    assert.deepEqual([...new Set(opened)], [`open ${transport}`]);
    return `${opened.length} connections`;
  },
]));

await runAll(await browser.version(), attempts, () => browser.close());
