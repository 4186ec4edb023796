/**
 * Ends a test run with one plain line, `12 passed, 0 failed`, that a machine can count on. A file that
 * cannot be loaded, and an error outside any test, count as one failure each.
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
    // At exit, so that nothing Vitest still has to say comes after it.
    process.once('exit', () => console.log(line.join(', ')));
  }
}

/**
 * Whether no single test of the module failed, so that the module itself must have.
 * @param {import('vitest/node').TestModule} module
 */
function isWhole(module) {
  return ![...module.children.allTests()].some((test) => test.result().state === 'failed');
}
