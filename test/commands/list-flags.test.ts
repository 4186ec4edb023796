import { expect, it } from 'vitest';
import { runCommand } from '../../src/commands/list-flags.js';

it('the command that is named to run the same shots again repeats what chose them and how they are sent', () => {
  const flags = { profile: 'final cut', only: ['beach*'], skipApproved: true, shrink: true };
  expect(runCommand('my film.yaml', flags)).toBe(
    "shotlist run 'my film.yaml' --profile 'final cut' --only 'beach*' --skip-approved --shrink",
  );
});
