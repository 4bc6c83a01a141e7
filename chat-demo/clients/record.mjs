// The common parts of the tests of confab.js: connections with recorded events, a proxy that cuts, and a runner.
import net from 'node:net';
import { connect } from '../../packages/confab-client/confab.js';

/** Opens a connection, and records its events. `until` waits for a condition on them, for 15 s at most. */
export function record(options) {
  const chat = connect(options);
  const seen = { entries: [], gaps: [], states: [], problems: [] };
  const waits = new Set();
  const add = list => what => {
    list.push(what);
    waits.forEach(check => check());
  };
  chat.on('entry', add(seen.entries));
  chat.on('gap', add(seen.gaps));
  chat.on('state', add(seen.states));
  chat.on('problem', add(seen.problems));
  const until = (done, what) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${what}; received: ${JSON.stringify(seen)}`)), 15_000);
    const check = () => {
      if (!done(seen)) return;
      clearTimeout(timer);
      waits.delete(check);
      resolve(seen);
    };
    waits.add(check);
    check();
  });
  const state = name => until(({ states }) => states.some(each => each.state === name), `state ${name}`);
  return { chat, seen, until, state };
}

export const bodies = entries => entries.filter(entry => entry.type === 'message').map(entry => entry.body);

/** Starts a TCP proxy to a server. The proxy can cut its connections, and can be down for a while. */
export async function proxy(url) {
  const server = new URL(url);
  const sockets = new Set();
  let isDown = false;
  let isLast = false;
  const down = () => {
    isDown = true;
    isLast = false;
    sockets.forEach(socket => socket.destroy());
  };
  const listener = net.createServer(client => {
    if (isDown) return client.destroy();
    const upstream = net.connect(server.port, server.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.on('data', bytes => {
      if (isLast) return down();
      return client.write(bytes);
    }).on('end', () => client.end());
    return client.pipe(upstream);
  });
  await new Promise(listening => listener.listen(0, '127.0.0.1', listening));
  const host = `127.0.0.1:${listener.address().port}`;
  return {
    host,
    url: `http://${host}`,
    cut: () => sockets.forEach(socket => socket.destroy()),
    /** Loses the next bytes from the server, and is down from then on. */
    downAtNextResponse() { isLast = true; },
    up() { isDown = false; },
    close: () => listener.close(),
  };
}

/** Runs all attempts one after the other, then `end`, and ends the process with status 1 if an attempt has failed. */
export async function runAll(library, attempts, end = () => {}) {
  let failed = false;
  const name = `Node ${process.versions.node}, ${library}`;
  for (const [what, attempt] of Object.entries(attempts)) {
    try {
      const figure = await attempt();
      console.log(`${name}: ${what}${figure ? ` (${figure})` : ''}`);
    } catch (failure) {
      failed = true;
      console.log(`${name}: FAILED: ${what}: ${failure.message}`);
    }
  }
  await end();
  process.exit(failed ? 1 : 0);
}
