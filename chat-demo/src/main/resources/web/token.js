/** The token in the fragment of the page's address, `#token=TOKEN`. A browser sends the fragment to no server. */

const read = () => new URLSearchParams(location.hash.slice(1)).get('token') || null;

/** Null if the address had no token when the page was opened. */
const token = read();

// A link to another place of the page changes the fragment, too; the page then keeps its token.
window.addEventListener('hashchange', () => { if (read()) location.reload(); });

/** The option `token` of `connect`: undefined without a token, because the client then sends none. */
export const tokenSource = token === null ? undefined : () => token;

/** The headers of a request that the page itself sends. */
export const tokenHeaders = token === null ? {} : { Authorization: `Bearer ${token}` };

/** The fragment for a link to another page of this server. */
export const tokenFragment = token === null ? '' : `token=${token}`;

/** The nick that the server gives to the participant, which is the `sub` of a JWT; null without it. */
export const tokenNick = subject();

function subject() {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), character => character.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof sub === 'string' && sub !== '' ? sub : null;
  } catch {
    return null;
  }
}
