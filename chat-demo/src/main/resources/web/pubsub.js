/** Polls /sub and shows each message that comes. Posts the form to /pub. */
import { byId, element, explainError } from './dom.js';
import { tokenHeaders, tokenNick } from './token.js';

/** The time after an error before the next request, so that a server that is down gets few requests. */
const RETRY_MS = 1000;

/** The number of messages that the page shows. Older messages are removed. */
const MAX_SHOWN = 1000;

/**
 * The cursor after the last message. The server also remembers it for a connection, but a browser may send the next
 * request over another one.
 */
let cursor = '';

async function poll() {
  try {
    const response = await fetch(`sub?after=${cursor}`, { headers: tokenHeaders });
    if (response.status === 401) {
      const { code, detail } = await response.json();
      tell('bad', explainError({ code, message: detail }));
      return;
    }
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { nick, message } = await response.json();
    cursor = response.headers.get('Chat-Cursor');
    show(nick, message);
    tell('good', 'Connected');
    setTimeout(poll, 0);
  } catch {
    tell('wait', 'Trying again');
    setTimeout(poll, RETRY_MS);
  }
}

/** Shows a message as text: markup in it has no effect. */
function show(nick, message) {
  const conversation = byId('conversation');
  conversation.append(element('p', {}, element('span', { class: 'nick' }, nick || '<unknown>'), `: ${message}`));
  if (conversation.childElementCount > MAX_SHOWN) conversation.firstElementChild.remove();
  conversation.scrollTop = conversation.scrollHeight;
}

function tell(tone, words) {
  byId('state').dataset.tone = tone;
  byId('state-words').textContent = words;
}

/**
 * Resolves when the server has responded to the last message. The next message is sent after that, because two requests
 * at once could reach the server in the other order.
 */
let sent = Promise.resolve();

byId('form').addEventListener('submit', event => {
  event.preventDefault();
  const fields = new FormData(byId('form'));
  byId('message').value = '';
  sent = sent.then(() => send(fields));
});

async function send(fields) {
  try {
    const response = await fetch('pub', { method: 'POST', body: fields, headers: tokenHeaders });
    if (!response.ok) tell('bad', (await response.json()).detail);
  } catch {
    tell('bad', 'The message was not sent');
  }
}

if (tokenNick !== null) {
  byId('nick').value = tokenNick;
  byId('nick').readOnly = true;
}
poll();
