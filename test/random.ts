import { randomInt } from 'node:crypto';
import fc from 'fast-check';

/**
 * Property tests try the same cases in every run, so that a failure can be repeated. `npm run fuzz -- --seed random` looks
 * for new cases in `test/fuzz` and prints the seed of a failure.
 */
const seed = process.env.FAST_CHECK_SEED ?? '20261121';
fc.configureGlobal({ seed: seed === 'random' ? randomInt(2 ** 31) : Number(seed) });
