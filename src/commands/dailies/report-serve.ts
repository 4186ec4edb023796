import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Exit, type ExitCode } from '../../base/exit.js';
import { pageServer } from '../../dailies/page-server.js';
import { listenFailure } from '../../emulator/emulator.js';
import { type Console, fail, shownPath } from '../console.js';
import type { ListFlags } from '../list-flags.js';
import { emulatorFailure } from '../service/provider.js';
import { stopOnSignals } from '../signals.js';
import { PageDesk } from './page-desk.js';
import { openLooked } from './report.js';

export interface ServeFlags extends ListFlags {
  /** Any unless said. */
  readonly port?: number;
}

/** Nobody but this machine. */
const HOST = '127.0.0.1';

/** `shotlist report --serve`: shows the dailies on this machine, live, and writes choices into the list. */
export async function serveReport(run: string, flags: ServeFlags, console: Console): Promise<ExitCode> {
  const { port: wanted = 0 } = flags;
  const opened = await openLooked(run, { flags, console });
  if (typeof opened === 'number') return opened;
  const token = randomBytes(16).toString('hex');
  const desk = new PageDesk({ run, flags, opened });
  const server = pageServer({ read: () => desk.read(), edit: (choice) => desk.edit(choice) }, token);
  try {
    server.listen(wanted, HOST);
    await once(server, 'listening');
  } catch (error) {
    const failure = listenFailure({ host: HOST, port: wanted }, error as NodeJS.ErrnoException);
    return fail(console, emulatorFailure(failure));
  }
  const { port } = server.address() as AddressInfo;
  const writes = opened.today
    ? `Choices are written into ${shownPath(opened.list)}.`
    : 'Nothing can be chosen.';
  console.stdout.write(`The dailies: http://${HOST}:${port}/${token}/\n${writes} Ctrl-C ends it.\n`);
  await stopOnSignals(
    (signal) => new Promise<void>((stopped) => signal.addEventListener('abort', () => stopped())),
  );
  server.close();
  server.closeAllConnections();
  return Exit.done;
}
