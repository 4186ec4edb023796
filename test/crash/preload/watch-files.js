// Loaded into a process of the built CLI by `node --import`. Shows a test every call that changes a file of one folder, and
// lets the test interfere. Plain JavaScript, because Node 20 runs no TypeScript.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A call that changes a file.
 * @typedef {object} Operation
 * @property {string} name kind of file and action, such as `record rename`
 * @property {string} action such as `rename`
 * @property {string} path absolute path of the file or folder that is changed
 * @property {string | undefined} from absolute path of the file that is renamed
 * @property {number} bytes bytes to write; 0 if it does not write
 * @property {(count: number) => void} writePart writes the first `count` bytes synchronously
 */

/**
 * @typedef {object} Watcher
 * @property {(operation: Operation) => void} before may throw an error as the file system does
 * @property {(operation: Operation) => void} after
 */

/** @type {Watcher[]} */
const watchers = [];
let folder = '';

/** @param {string} where the folder to watch @param {Watcher} watcher */
export function watchFiles(where, watcher) {
  folder = resolve(where);
  watchers.push(watcher);
}

/** Kinds of a run's files, by their names. */
const KINDS = [
  [/^records\.reserve$/, 'reserve'],
  [/^manifest(?:\.[\w.-]+)?\.json(?:\.[0-9a-f]{8}\.tmp)?$/, 'manifest'],
  [/^lock/, 'lock'],
  [/\.mp4/, 'clip'],
  [/\.json(?:\.[0-9a-f]{8}\.tmp)?$/, 'record'],
];

function kindOf(path) {
  const whole = resolve(String(path));
  if (whole !== folder && !whole.startsWith(folder + sep)) return null;
  return KINDS.find(([pattern]) => pattern.test(basename(whole)))?.[1] ?? 'folder';
}

const paths = new Map();
/** The file system without watchers. */
export const inner = { ...fs };
const promised = { ...fs.promises };
const handle = await promised.open(fileURLToPath(import.meta.url));
const Handle = Object.getPrototypeOf(handle);
await handle.close();

/** Calls of the watchers before and after one call; none for files outside the folder. */
function around({ action, path, from, data }) {
  const kind = kindOf(path);
  if (kind === null) return { before() {}, after() {} };
  const bytes = data?.bytes ?? Buffer.alloc(0);
  const writePart = (count) => {
    if (data?.fd !== undefined) inner.writeSync(data.fd, bytes, 0, count, data.at ?? null);
    else inner.writeFileSync(path, bytes.subarray(0, count));
  };
  const operation = {
    name: `${kind} ${action}`,
    action,
    path: resolve(String(path)),
    from: from === undefined ? undefined : resolve(String(from)),
    bytes: bytes.length,
    writePart,
  };
  return {
    before: () => {
      for (const watcher of watchers) watcher.before(operation);
    },
    after: () => {
      for (const watcher of watchers) watcher.after(operation);
    },
  };
}

async function surround(operation, call) {
  const { before, after } = around(operation);
  before();
  const result = await call();
  after();
  return result;
}

/** A change by its arguments. The second of two paths is the one that appears. */
function change(action, [one, other]) {
  return typeof other === 'string' ? { action, path: other, from: one } : { action, path: one };
}

fs.promises.open = async (path, flags = 'r', mode = 0o666) => {
  const makes = typeof flags === 'number' ? (flags & fs.constants.O_CREAT) !== 0 : /[wa]/.test(flags);
  const call = () => promised.open(path, flags, mode);
  const opened = makes ? await surround({ action: 'open', path }, call) : await call();
  paths.set(opened.fd, path);
  return opened;
};
for (const action of ['rename', 'rm', 'link', 'truncate', 'mkdir', 'copyFile']) {
  fs.promises[action] = (...args) => surround(change(action, args), () => promised[action](...args));
}
fs.promises.writeFile = (path, content, ...rest) =>
  surround({ action: 'write', path, data: { bytes: Buffer.from(content) } }, () =>
    promised.writeFile(path, content, ...rest),
  );

const { write, writev, writeFile, sync, datasync } = Handle;
Handle.write = function (buffer, offset = 0, length = buffer.length - offset, position = null) {
  const data = {
    fd: this.fd,
    at: position,
    bytes: Buffer.from(buffer.buffer, buffer.byteOffset + offset, length),
  };
  const call = () => write.call(this, buffer, offset, length, position);
  return surround({ action: 'write', path: paths.get(this.fd) ?? '', data }, call);
};
Handle.writev = function (pieces, position = null) {
  const data = { fd: this.fd, at: position, bytes: Buffer.concat(pieces) };
  const call = () => writev.call(this, pieces, position);
  return surround({ action: 'write', path: paths.get(this.fd) ?? '', data }, call);
};
Handle.writeFile = function (content, ...rest) {
  const data = { fd: this.fd, bytes: Buffer.from(content) };
  const call = () => writeFile.call(this, content, ...rest);
  return surround({ action: 'write', path: paths.get(this.fd) ?? '', data }, call);
};
Handle.sync = function () {
  return surround({ action: 'sync', path: paths.get(this.fd) ?? '' }, () => sync.call(this));
};
Handle.datasync = function () {
  return surround({ action: 'sync', path: paths.get(this.fd) ?? '' }, () => datasync.call(this));
};

/** Surrounds one synchronous call. */
function surroundNow(operation, call) {
  const { before, after } = around(operation);
  before();
  const result = call();
  after();
  return result;
}

fs.openSync = (path, flags = 'r', mode = 0o666) => {
  const makes = typeof flags === 'number' ? (flags & fs.constants.O_CREAT) !== 0 : /[wa]/.test(flags);
  const call = () => inner.openSync(path, flags, mode);
  const fd = makes ? surroundNow({ action: 'open', path }, call) : call();
  paths.set(fd, path);
  return fd;
};
for (const action of ['rename', 'rm', 'mkdir']) {
  fs[`${action}Sync`] = (...args) => surroundNow(change(action, args), () => inner[`${action}Sync`](...args));
}
/** Surrounds calls of a descriptor that end in a callback, and keeps the properties that `promisify` reads. */
for (const [name, action] of [
  ['write', 'write'],
  ['writev', 'write'],
  ['fsync', 'sync'],
  ['fdatasync', 'sync'],
]) {
  const call = inner[name];
  const watched = (fd, ...args) => {
    const done = args.pop();
    const [content, offset = 0] = args;
    const bytes = Array.isArray(content) ? Buffer.concat(content) : content?.subarray(offset);
    const { before, after } = around({
      action,
      path: paths.get(fd) ?? '',
      data: bytes && { fd, bytes },
    });
    try {
      before();
    } catch (error) {
      return process.nextTick(done, error);
    }
    call(fd, ...args, (error, ...results) => {
      if (error) return done(error);
      after();
      done(null, ...results);
    });
  };
  for (const symbol of Object.getOwnPropertySymbols(call)) watched[symbol] = call[symbol];
  fs[name] = watched;
}

fs.writeSync = (fd, buffer, offset = 0, length = buffer.length - offset, position = null) => {
  const data = { fd, at: position, bytes: Buffer.from(buffer.buffer, buffer.byteOffset + offset, length) };
  const { before, after } = around({ action: 'write', path: paths.get(fd) ?? '', data });
  before();
  const written = inner.writeSync(fd, buffer, offset, length, position);
  after();
  return written;
};

syncBuiltinESMExports();
