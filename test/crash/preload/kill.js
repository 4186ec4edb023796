// Loaded into a process of the built CLI: ends it at one exact moment with SIGKILL, as a power switch would.
// SHOTLIST_TEST_KILL is JSON: `folder` whose files count; `at`, a boundary's name and which of that name (from 1), or
// `nth`, which of all; `how` it ends: `before`, `after`, or `half` of a write. Or `trace`, a file: nothing is ended, and
// the names of all boundaries are left in it.
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { watchFiles } from './watch-files.js';

const { folder, at, nth, how, trace } = JSON.parse(process.env.SHOTLIST_TEST_KILL ?? '{}');
const names = [];
const counts = new Map();

/** Whether this is the one to die at; counts it. */
function isIt(name) {
  names.push(name);
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return at ? at.name === name && at.count === count : names.length === nth;
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  // Nothing more may happen here, however long the signal takes.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

let doomed = null;
watchFiles(folder, {
  before(operation) {
    if (!isIt(operation.name)) return;
    if (how === 'after') {
      doomed = operation;
      return;
    }
    if (how === 'half' && operation.bytes > 1) operation.writePart(Math.floor(operation.bytes / 2));
    die();
  },
  after(operation) {
    if (operation === doomed) die();
  },
});

/** What undici says of a POST, and what it is to us. `head`: the connection stands, nothing has left yet. */
const POST = {
  'undici:client:sendHeaders': 'head',
  'undici:request:bodySent': 'body',
  'undici:request:headers': 'answer',
};
for (const [channel, part] of Object.entries(POST)) {
  subscribe(channel, ({ request }) => {
    if (request.method !== 'POST' || !isIt(`POST ${part}`)) return;
    // Written is not sent: what comes after is given the time to be on its way.
    if (how === 'after') setImmediate(() => setImmediate(die));
    else die();
  });
}

if (trace) process.on('exit', () => writeFileSync(trace, names.join('\n')));
