/**
 * Ends a test run with one plain line for machines, `12 passed, 0 failed`. A file that cannot be loaded and an error
 * outside any test count as one failure each.
 */
export default class Summary {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} stray errors outside any test
   */
  onTestRunEnd(modules, stray) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const states = tests.map((test) => test.result().state);
    const count = (/** @type {string} */ state) => states.filter((each) => each === state).length;
    const broken = modules.filter((module) => module.state() === 'failed' && isWhole(module)).length;
    const skipped = states.length - count('passed') - count('failed');
    const line = [`${count('passed')} passed`, `${count('failed') + broken + stray.length} failed`];
    if (skipped > 0) line.push(`${skipped} skipped`);
    // Vitest prints more after this call, and the line must be the last.
    process.once('exit', () => console.log(line.join(', ')));
  }
}

/**
 * True if no test of the module failed: then a failure is the module's own.
 * @param {import('vitest/node').TestModule} module
 */
function isWhole(module) {
  return ![...module.children.allTests()].some((test) => test.result().state === 'failed');
}
