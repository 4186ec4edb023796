// Loaded into a process of the built CLI. Ends every wait SHOTLIST_TEST_HURRY times sooner, so that a timeout of minutes
// takes seconds. The clock itself stays right.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';

const factor = Number(process.env.SHOTLIST_TEST_HURRY ?? 1);
const { setTimeout: later } = timers;
const { setTimeout: sleep } = promises;

const hurried = (callback, delay = 0, ...args) => later(callback, delay / factor, ...args);
// `util.promisify(setTimeout)` reads properties of the function.
Object.defineProperties(hurried, Object.getOwnPropertyDescriptors(later));
timers.setTimeout = hurried;
globalThis.setTimeout = hurried;
promises.setTimeout = (delay = 0, ...rest) => sleep(delay / factor, ...rest);
syncBuiltinESMExports();
