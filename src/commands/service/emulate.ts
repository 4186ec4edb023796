import { resolve } from 'node:path';
import { Exit, type ExitCode } from '../../base/exit.js';
import { startEmulator } from '../../emulator/emulator.js';
import { parseFaults } from '../../emulator/faults.js';
import { readCatalog } from '../../models/read-catalog.js';
import { type Console, fail } from '../console.js';
import { stopOnSignals } from '../signals.js';
import { emulatorFailure } from './provider.js';

export interface EmulateFlags {
  readonly port: number;
  readonly folder: string;
  readonly concurrency?: number;
  readonly token?: string;
  readonly faults?: string;
  /** Submissions that are accepted in a minute. */
  readonly rate?: number;
  /** Least time of each request in the queue, seconds. */
  readonly queued?: number;
  /** Least time of each render, seconds. */
  readonly rendering?: number;
  /** Balance of the account at first, USD. */
  readonly balance?: number;
}

/** `shotlist emulate`: serves RunComfy's Model API on this machine until it is stopped. */
export async function emulate(flags: EmulateFlags, console: Console): Promise<ExitCode> {
  const faults = parseFaults(flags.faults ?? '');
  if (!faults.ok) return fail(console, { exit: Exit.usage, message: faults.message });
  const { catalog } = await readCatalog(process.cwd());
  const start = await startEmulator({
    folder: resolve(flags.folder),
    port: flags.port,
    catalog,
    charge: true,
    faults: faults.plan,
    pace: { queued: flags.queued ?? 0, inProgress: flags.rendering ?? 0 },
    ...(flags.concurrency !== undefined && { concurrency: flags.concurrency }),
    ...(flags.token !== undefined && { token: flags.token }),
    ...(flags.rate !== undefined && { submissionsPerMinute: flags.rate }),
    ...(flags.balance !== undefined && { balance: flags.balance }),
  });
  if (!start.ok) return fail(console, emulatorFailure(start));
  const { emulator } = start;
  console.stdout.write(`RunComfy's Model API, emulated: ${emulator.base}
Renders animatics, free of charge; its requests are kept in ${resolve(flags.folder)}.
In another terminal:
  export RUNCOMFY_MODEL_API_BASE=${emulator.base} RUNCOMFY_API_TOKEN=${flags.token ?? 'any'}
  export RUNCOMFY_SERVERLESS_API_BASE=${emulator.serverlessBase}
  shotlist run film.yaml
Ctrl-C stops it.
`);
  await stopOnSignals(
    (signal) => new Promise<void>((stopped) => signal.addEventListener('abort', () => stopped())),
  );
  await emulator.close();
  return Exit.done;
}
