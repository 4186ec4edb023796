// Loaded into a process of the built CLI. Ends waits SHOTLIST_TEST_HURRY times sooner: only short waits, such as those
// between two questions, unless SHOTLIST_TEST_HURRY_TIMEOUTS is set. The clock itself stays right.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';

const factor = Number(process.env.SHOTLIST_TEST_HURRY ?? 1);
/** Shortest timeout of the CLI, milliseconds. A busy machine may need all of it for an answer. */
const SHORTEST_TIMEOUT = process.env.SHOTLIST_TEST_HURRY_TIMEOUTS ? Number.POSITIVE_INFINITY : 4000;
const hurriedDelay = (delay) => (delay < SHORTEST_TIMEOUT ? delay / factor : delay);
const { setTimeout: later } = timers;
const { setTimeout: sleep } = promises;

const hurried = (callback, delay = 0, ...args) => later(callback, hurriedDelay(delay), ...args);
// `util.promisify(setTimeout)` reads properties of the function.
Object.defineProperties(hurried, Object.getOwnPropertyDescriptors(later));
timers.setTimeout = hurried;
globalThis.setTimeout = hurried;
promises.setTimeout = (delay = 0, ...rest) => sleep(hurriedDelay(delay), ...rest);
syncBuiltinESMExports();
