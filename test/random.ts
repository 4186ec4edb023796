import { randomInt } from 'node:crypto';
import fc from 'fast-check';

/**
 * Property tests try the same cases every time, so that a red run can be had again and a green one stays green.
 * `FAST_CHECK_SEED=random npm test` looks for new cases, and says the seed of what fails; with `FAST_CHECK_RUNS=1000`
 * the tests in `test/fuzz` look that long.
 */
const seed = process.env.FAST_CHECK_SEED ?? '20261121';
fc.configureGlobal({ seed: seed === 'random' ? randomInt(2 ** 31) : Number(seed) });
