// Loaded into a process of the built CLI. Ends waits below SHOTLIST_TEST_HURRY_BELOW milliseconds SHOTLIST_TEST_HURRY times
// sooner. The clock itself stays right.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';

const factor = Number(process.env.SHOTLIST_TEST_HURRY ?? 1);
const below = Number(process.env.SHOTLIST_TEST_HURRY_BELOW ?? Number.POSITIVE_INFINITY);
const hurriedDelay = (delay) => (delay < below ? delay / factor : delay);
const { setTimeout: later } = timers;
const { setTimeout: sleep } = promises;

const hurried = (callback, delay = 0, ...args) => later(callback, hurriedDelay(delay), ...args);
// `util.promisify(setTimeout)` reads properties of the function.
Object.defineProperties(hurried, Object.getOwnPropertyDescriptors(later));
timers.setTimeout = hurried;
globalThis.setTimeout = hurried;
promises.setTimeout = (delay = 0, ...rest) => sleep(hurriedDelay(delay), ...rest);
syncBuiltinESMExports();
