// The common parts of the tests of confab.js in Node: connections with recorded events, and a runner.
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

/** Runs all attempts one after the other, and ends the process with status 1 if one of them fails. */
export async function runAll(library, attempts) {
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
  process.exit(failed ? 1 : 0);
}
