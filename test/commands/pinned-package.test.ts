import { describe, expect, it } from 'vitest';
import { packageProblem } from '../../src/commands/lists/pinned-package.js';

const COMMIT = '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567';

describe('a package is pinned', () => {
  it.each([
    '@studio/shotlist@1.4.0',
    '@studio/shotlist@1.4.0-rc.1',
    'shotlist@1.4.0',
    'x@npm:@studio/shotlist@1.4.0',
    'studio/shotlist#v1.4.0',
    `github:studio/shotlist#${COMMIT}`,
    'github:studio/shotlist#semver:1.4.0',
    'git+https://git.example.com/studio/shotlist.git#shotlist-v1.4.0',
    `git+ssh://git@github.com/studio/shotlist.git#${COMMIT}`,
    'git@github.com:studio/shotlist.git#1.4.0',
    'https://github.com/studio/shotlist#v1.4.0',
    'https://github.com/studio/shotlist/releases/download/v1.4.0/shotlist.tgz',
    'https://example.com/shotlist-1.4.0.tgz',
    `https://codeload.github.com/studio/shotlist/tar.gz/${COMMIT}`,
    './vendor/shotlist-1.4.0.tgz',
    'file:vendor/shotlist.tgz',
  ])('%s', (spec) => {
    expect(packageProblem(spec)).toBeNull();
  });
});

describe('a package is not pinned, and the message names what would be', () => {
  it.each([
    ['shotlist', 'name one version, such as shotlist@1.4.0'],
    ['@studio/shotlist@latest', 'name one version, such as @studio/shotlist@1.4.0'],
    ['@studio/shotlist@^1.4.0', 'name one version, such as @studio/shotlist@1.4.0'],
    ['@studio/shotlist@1.4', 'name one version, such as @studio/shotlist@1.4.0'],
    ['studio/shotlist', 'name a tag such as studio/shotlist#v1.4.0, or all digits of a commit'],
    ['studio/shotlist#main', 'name a tag such as studio/shotlist#v1.4.0, or all digits of a commit'],
    ['studio/shotlist#0a1b2c3', 'name a tag such as studio/shotlist#v1.4.0, or all digits of a commit'],
    [
      'git+https://git.example.com/shotlist.git#semver:^1.4.0',
      'name a tag such as git+https://git.example.com/shotlist.git#v1.4.0, or all digits of a commit',
    ],
    [
      'https://example.com/shotlist.tgz',
      'name an address with a version, such as https://example.com/shotlist-1.4.0.tgz',
    ],
    ['vendor/shotlist.tgz', 'name a tag such as vendor/shotlist.tgz#v1.4.0, or all digits of a commit'],
  ])('%s', (spec, hint) => {
    expect(packageProblem(spec)).toEqual({
      message: `${spec} is not pinned: tomorrow it may be another program`,
      hint,
    });
  });
});

describe('a package that a workflow cannot install, or should not, is refused', () => {
  it.each([
    ['../shotlist-1.4.0.tgz', 'is not a tarball in the repository'],
    ['./vendor/../../shotlist-1.4.0.tgz', 'is not a tarball in the repository'],
    ['/home/ada/shotlist-1.4.0.tgz', 'is not a tarball in the repository'],
    ['file:///home/ada/shotlist-1.4.0.tgz', 'is not a tarball in the repository'],
    ['./vendor/shotlist', 'is not a tarball in the repository'],
    ['https://ada:secret@example.com/shotlist-1.4.0.tgz', 'has a name or password in it'],
    ['git+https://secret@github.com/studio/shotlist.git#v1.4.0', 'has a name or password in it'],
    ['http://example.com/shotlist-1.4.0.tgz', 'could be changed on its way'],
    ['', 'is not a package'],
    ['--global', 'is not a package'],
    ['@studio/shotlist@1.4.0 left-pad', 'is not a package'],
    ['shotlist@1.4.0;reboot', 'is not a package'],
    ['shotlist@$' + '{{ secrets.RUNCOMFY_API_TOKEN }}', 'is not a package'],
  ])('%s', (spec, message) => {
    expect(packageProblem(spec)?.message).toContain(message);
  });
});
