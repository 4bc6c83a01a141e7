// A small server in memory that authenticates its clients. It has the paths, codes and frames of the protocol that a
// client with a token needs, and methods that make a token expire or refuse it.
import http from 'node:http';
import { WebSocketServer } from 'ws';

/** Starts a server on a free port. */
export async function guarded() {
  const entries = [];
  const valid = new Set();
  /** The open connections: `{ token, wake, expire, end }`. */
  const readers = new Set();
  /** The path, the kind and the token of each request and each frame with a token. */
  const seen = [];
  const waits = new Set();
  const see = request => {
    seen.push(request);
    for (const check of waits) check(request);
  };
  let forbidden = false;
  let refuseNext = false;
  let handshakes = 0;

  const store = ({ body, key }) => {
    const known = entries.find(entry => entry.key === key);
    if (known) return known;
    const id = String(entries.length + 1).padStart(26, '0');
    const entry = { type: 'message', id, room: 'lobby', body, created_at: '2026-01-01T00:00:00Z', key };
    entries.push(entry);
    for (const reader of [...readers]) reader.wake();
    return entry;
  };
  const after = cursor => entries.filter(entry => cursor === 'earliest' || entry.id > cursor);
  const end = () => entries.at(-1)?.id ?? '0'.repeat(26);
  const startOf = cursor => (cursor === 'earliest' ? '0'.repeat(26) : cursor === 'latest' ? end() : cursor);

  const problem = (response, status, code) => {
    response.writeHead(status, { 'Content-Type': 'application/problem+json' });
    response.end(JSON.stringify({ status, code, detail: `The request was refused: ${code}` }));
  };
  const json = (response, status, value) => {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Chat-Cursor': value.at?.(-1)?.id ?? end() });
    response.end(JSON.stringify(value));
  };
  const add = (response, reader) => {
    readers.add(reader);
    response.on('close', () => readers.delete(reader));
  };

  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://server');
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    see({ kind: `${request.method} ${url.pathname}`, url: request.url, token });
    if (!valid.has(token)) return problem(response, 401, 'unauthenticated');
    if (forbidden) return problem(response, 403, 'forbidden');
    const cursor = url.searchParams.get('after');
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /messages': {
        let text = '';
        for await (const part of request) text += part;
        return json(response, 201, { id: store(JSON.parse(text)).id });
      }
      case 'GET /messages': {
        if (url.searchParams.has('before')) return json(response, 200, entries);
        const answer = () => json(response, 200, after(startOf(cursor)));
        if (after(startOf(cursor)).length > 0 || url.searchParams.get('wait') === '0') return answer();
        const poll = {
          token,
          wake() {
            readers.delete(poll);
            answer();
          },
          expire: () => problem(response, 401, 'unauthenticated'),
        };
        return add(response, poll);
      }
      case 'GET /events': {
        let at = request.headers['last-event-id'] ?? startOf(cursor);
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(`event: hello\nid: ${at}\ndata: ${JSON.stringify({ type: 'hello', cursor: at })}\n\n`);
        const wake = () => {
          for (const entry of after(at)) {
            response.write(`id: ${entry.id}\ndata: ${JSON.stringify(entry)}\n\n`);
            at = entry.id;
          }
        };
        wake();
        const data = JSON.stringify({ type: 'error', code: 'unauthenticated', detail: 'The token expired.' });
        return add(response, { token, wake, expire: () => response.end(`event: error\ndata: ${data}\n\n`) });
      }
      case 'GET /presence': return json(response, 200, { room: 'lobby', participants: [] });
      case 'GET /ws': return problem(response, 426, 'upgrade_required');
      default: return problem(response, 404, 'not_found');
    }
  });

  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'confab.v1' });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url, 'http://server');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/, */);
    const token = offered.find(each => each.startsWith('bearer.'))?.slice('bearer.'.length);
    handshakes++;
    see({ kind: 'WS', url: request.url, token });
    const status = token !== undefined && !valid.has(token) ? '401 Unauthorized' : forbidden ? '403 Forbidden' : null;
    if (status || !offered.includes('confab.v1')) {
      return socket.end(`HTTP/1.1 ${status ?? '400 Bad Request'}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    }
    return sockets.handleUpgrade(request, socket, head, ws => converse(ws, url, token));
  });
  const converse = (ws, url, first) => {
    let at = startOf(url.searchParams.get('after'));
    const send = frame => ws.send(JSON.stringify(frame));
    const reader = {
      token: first,
      wake() {
        for (const entry of after(at)) {
          send(entry);
          at = entry.id;
        }
      },
      expire: () => ws.close(4401, 'expired'),
      close: code => ws.close(code, 'refused'),
    };
    const greet = () => {
      readers.add(reader);
      send({ type: 'hello', cursor: at });
      reader.wake();
    };
    ws.on('close', () => readers.delete(reader));
    ws.on('message', data => {
      const frame = JSON.parse(data);
      if (frame.type === 'auth') {
        see({ kind: 'auth', url: '', token: frame.token });
        if (!valid.has(frame.token)) return send({ type: 'error', code: 'unauthenticated', detail: 'No such token.' });
        const isFirst = reader.token === undefined;
        reader.token = frame.token;
        send({ type: 'authenticated' });
        return isFirst ? greet() : undefined;
      }
      if (frame.type !== 'send') return undefined;
      if (refuseNext) {
        refuseNext = false;
        return send({ type: 'error', code: 'unauthenticated', detail: 'The token expired.', ref: frame.ref });
      }
      return send({ type: 'ack', ref: frame.ref, id: store(frame).id });
    });
    if (first !== undefined) greet();
  };

  await new Promise(listening => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    get stored() { return entries.map(entry => entry.body); },
    get handshakes() { return handshakes; },
    tokens: kind => seen.filter(each => each.kind === kind).map(each => each.token),
    /** Resolves when a request or frame of a kind has carried a token; rejects after 15 s. */
    until: (kind, token) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${kind} with ${token}`)), 15_000);
      waits.add(each => {
        if (each.kind !== kind || each.token !== token) return;
        clearTimeout(timer);
        resolve();
      });
    }),
    /** Accepts a token from now on. */
    accept: token => valid.add(token),
    /** Refuses a token from now on; its open connections stay open. */
    refuse: token => valid.delete(token),
    /** Refuses a token from now on, and ends its open connections. */
    expire(token) {
      valid.delete(token);
      for (const reader of [...readers].filter(each => each.token === token)) {
        readers.delete(reader);
        reader.expire();
      }
    },
    /** Answers 403 from now on. */
    forbid() { forbidden = true; },
    /** Refuses the next message over a WebSocket because of its token. */
    refuseNext() { refuseNext = true; },
    /** Closes all WebSockets with a code. */
    closeSockets(code) { for (const reader of [...readers]) reader.close?.(code); },
    publish: body => store({ body, key: `server-${entries.length}` }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
