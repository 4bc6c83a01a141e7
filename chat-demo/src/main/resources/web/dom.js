/** Small helpers of all pages. Text is inserted as text nodes only: markup in a message is never interpreted. */

export const byId = id => document.getElementById(id);

/** element('p', {class: 'muted'}, 'text', child) */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

/** The storage of the browser. Some browsers have none, and throw an exception. */
export const memory = {
  read(key) {
    try { return localStorage.getItem(`confab:${key}`); } catch { return null; }
  },
  write(key, value) {
    try { localStorage.setItem(`confab:${key}`, value); } catch { /* then it is not kept */ }
  },
};

/** Returns a parameter of the page's address as a number, or undefined when it is missing or not a whole number. */
export function wholeNumber(text) {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : undefined;
}

/** Has no inherited names, so a name from outside is either one of these or undefined. */
export const TRANSPORT_NAMES = {
  __proto__: null, auto: 'Automatic', websocket: 'WebSocket', sse: 'Server-Sent Events', longpoll: 'Long poll', shortpoll: 'Short poll',
};

/** Returns a text for people about a failure. */
export function explainError(error) {
  switch (error?.code) {
    case 'network': return navigator.onLine === false ? 'You are offline' : 'The server cannot be reached';
    case 'draining': return 'The server is restarting';
    case 'overloaded': return 'The server is busy';
    case 'unavailable': return 'The server cannot reach its database';
    case 'message_too_large': return 'The message is too long (10,000 bytes at most)';
    case 'invalid_room': return 'This is not a valid name for a room';
    case 'invalid_nick': return 'This name cannot be used';
    case 'timeout': return 'Not stored in time';
    case 'unauthenticated': return `${error.message}. Add a valid token to the address of this page: #token=TOKEN`;
    case undefined: return 'Something went wrong';
    default: return `${error.message} (${error.code})`;
  }
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
