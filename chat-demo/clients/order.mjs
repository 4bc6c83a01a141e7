// Checks that the messages of one connection keep their order while the store is unavailable. The script publishes 45
// messages, one every 0.4 s. Meanwhile, stop the store for longer than a publish may take (10 s), for example
// PostgreSQL by `kill -STOP`. PublishOrderCheck runs this script and stops PostgreSQL.
// Usage: node order.mjs http://127.0.0.1:8080 websocket|sse|longpoll [FILE]
// FILE is another confab.js to test.
import { pathToFileURL } from 'node:url';

const [url, transport = 'websocket', client = '../../packages/confab-client/confab.js'] = process.argv.slice(2);
const { connect } = await import(client.startsWith('.') ? client : pathToFileURL(client));
const WebSocket = globalThis.WebSocket ?? (await import('ws')).WebSocket;
const count = 45;
const room = `order-${process.pid}`;

const chat = connect({ url, room, transport, WebSocket });
await new Promise(opened => chat.on('state', ({ state }) => state === 'open' && opened()));
const publishes = [];
let slowest = 0;
await new Promise(done => {
  const timer = setInterval(() => {
    const start = performance.now();
    publishes.push(chat.publish(String(publishes.length)).finally(() => {
      slowest = Math.max(slowest, performance.now() - start);
    }));
    console.log(`published ${publishes.length}`);
    if (publishes.length === count) {
      clearInterval(timer);
      done();
    }
  }, 400);
});
const failed = (await Promise.allSettled(publishes)).filter(({ status }) => status === 'rejected').length;
const { entries } = await chat.history({ limit: 1_000 });
chat.close();

const stored = entries.map(entry => Number(entry.body));
const outOfOrder = stored.filter((number, at) => at > 0 && number < Math.max(...stored.slice(0, at))).length;
const twice = stored.length - new Set(stored).size;
const missing = count - new Set(stored).size;
console.log(stored.join(' '));
console.log(`${transport}: ${stored.length} stored, ${outOfOrder} out of order, ${twice} twice, ${missing} missing, `
  + `${failed} rejected; the slowest publish took ${(slowest / 1000).toFixed(1)} s`);
process.exit(outOfOrder + twice + missing + failed === 0 ? 0 : 1);
