import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project, Running } from '../e2e/rig.js';
import { TOKEN } from '../e2e/secrets.js';
import { killAt, type Moment } from './moment.js';

/** A request as the emulator's own files have it. */
export interface Accepted {
  readonly id: string;
  readonly prompt: string;
  /** How it ended; null while it is open. */
  status: string | null;
}

/** `shotlist emulate` as a process of its own, which can be killed and started again, on its port and with its ledger. */
export class EmulatorProcess {
  readonly #project: Project;
  readonly #flags: readonly string[];
  #running: Running | null = null;
  #port = '0';

  constructor(project: Project, flags: readonly string[] = []) {
    this.#project = project;
    this.#flags = flags;
  }

  /** Resolves when it answers; with `kill`, it is killed at that moment in its dealings with its own files. */
  async start(kill?: Moment): Promise<void> {
    const flags = ['--port', this.#port, '--folder', 'service', ...this.#flags];
    const env = kill ? killAt(this.#project.path('service'), kill) : {};
    this.#running = this.#project.start(['emulate', ...flags], env);
    const [, port = ''] = await this.#running.says(/emulated: http:\/\/127\.0\.0\.1:(\d+)/);
    this.#port = port;
  }

  /** Resolves when the process has ended. */
  async ended(): Promise<void> {
    await this.#running?.ended;
  }

  /** Sends SIGKILL and resolves when the process has ended. */
  async kill(): Promise<void> {
    this.#running?.child.kill('SIGKILL');
    await this.ended();
  }

  /** Environment that leads a run to it. */
  get env(): Readonly<Record<string, string>> {
    return { RUNCOMFY_MODEL_API_BASE: `http://127.0.0.1:${this.#port}/v1`, RUNCOMFY_API_TOKEN: TOKEN };
  }

  /** Everything it ever accepted, in order, from its ledger on disk. */
  async ledger(): Promise<readonly Accepted[]> {
    const text = await readFile(join(this.#project.folder, 'service', 'requests.ndjson'), 'utf8').catch(
      () => '',
    );
    const requests = new Map<string, Accepted>();
    // A line without its newline was cut off by a kill.
    for (const line of text.split('\n').slice(0, -1)) {
      const record = JSON.parse(line);
      if (record.type === 'accepted') {
        requests.set(record.id, { id: record.id, prompt: record.input.prompt, status: null });
      } else {
        const request = requests.get(record.id);
        if (request) request.status = record.status;
      }
    }
    return [...requests.values()];
  }
}
