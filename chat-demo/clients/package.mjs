// Chats in Node with the installed package. ClientPackageTest copies this file beside the package's node_modules.
// Usage: node package.mjs http://127.0.0.1:8080
import assert from 'node:assert/strict';
import { connect } from '@confab-chat/client';

const chat = connect({ url: process.argv[2], room: `node-${process.pid}`, nick: 'ann', after: 'earliest', transport: 'sse' });
const received = new Promise(done => chat.on('entry', entry => entry.type === 'message' && done(entry)));
const { id } = await chat.publish('hello');
const entry = await received;
chat.close();
assert.deepEqual([entry.id, entry.nick, entry.body], [id, 'ann', 'hello']);
