// Loaded into a process of the built CLI. Kills it with SIGKILL at one boundary: a call that changes a file of a folder, or a
// part of a POST. SHOTLIST_TEST_KILL is JSON: `folder`; `at`, the boundary's name and its count among that name, or `nth`,
// its count among all boundaries, both from 1; `how`, which is `before`, `after`, or `half` of a write; `power`, true if what
// was not synced is lost too. With `trace`, a file, it kills nothing and writes the names of all boundaries to that file.
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { loseUnsynced } from './lose-power.js';
import { watchFiles } from './watch-files.js';

const { folder, at, nth, how, power, trace } = JSON.parse(process.env.SHOTLIST_TEST_KILL ?? '{}');
const names = [];
const counts = new Map();

/** True if the process must die at this boundary. Counts the boundary. */
function isIt(name) {
  names.push(name);
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return at ? at.name === name && at.count === count : names.length === nth;
}

function die() {
  if (power) lose();
  process.kill(process.pid, 'SIGKILL');
  // Nothing more may happen before the signal arrives.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const lose = power ? loseUnsynced(folder) : () => {};
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

/** Parts of a POST by undici's channel. At `head` the connection is open and nothing has been sent. */
const POST = {
  'undici:client:sendHeaders': 'head',
  'undici:request:bodySent': 'body',
  'undici:request:headers': 'answer',
};
for (const [channel, part] of Object.entries(POST)) {
  subscribe(channel, ({ request }) => {
    if (request.method !== 'POST' || !isIt(`POST ${part}`)) return;
    // Written bytes need two turns of the event loop to be sent.
    if (how === 'after') setImmediate(() => setImmediate(die));
    else die();
  });
}

if (trace) process.on('exit', () => writeFileSync(trace, names.join('\n')));
