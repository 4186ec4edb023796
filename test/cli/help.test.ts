import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { makeProgram } from '../../src/cli/program.js';

/** Longest description in `--help`, characters: an option and its description fit in a line of a wide terminal. */
const LONGEST = 60;

const program = makeProgram({ console: process, end: () => {} });

/** Descriptions of a command, its arguments, its options and its subcommands, each with the command line that it is about. */
function descriptionsOf(command: Command, parents = ''): [about: string, description: string][] {
  const name = `${parents}${command.name()}`;
  return [
    [name, command.description()],
    ...command.registeredArguments.map((one): [string, string] => [
      `${name} <${one.name()}>`,
      one.description,
    ]),
    ...command.options.map((one): [string, string] => [`${name} ${one.flags}`, one.description]),
    ...command.commands.flatMap((one) => descriptionsOf(one, `${name} `)),
  ];
}

it.each(descriptionsOf(program))('describes `%s` in 60 characters of plain text', (_about, description) => {
  expect(description).not.toBe('');
  expect(description.length).toBeLessThanOrEqual(LONGEST);
  expect(description).not.toMatch(/\n/);
});

it('lists every command in a titled group of `--help`', () => {
  expect(program.commands.filter((command) => command.helpGroup() === '')).toEqual([]);
});
