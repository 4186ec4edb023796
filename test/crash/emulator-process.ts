import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project, Running } from '../e2e/rig.js';
import { TOKEN } from '../e2e/secrets.js';
import { quickFfmpeg } from './quick-ffmpeg.js';

/** What the other side of the wire has on disk about one request. */
export interface Accepted {
  readonly id: string;
  readonly prompt: string;
  /** How it ended; null where it has not. */
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

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const flags = ['--port', this.#port, '--folder', 'service', ...this.#flags];
    this.#running = this.#project.start(['emulate', ...flags], await quickFfmpeg(this.#project.folder));
    const [, port = ''] = await this.#running.says(/emulated: http:\/\/127\.0\.0\.1:(\d+)/);
    this.#port = port;
  }

  /** SIGKILL: what it has not on disk is gone. */
  async kill(): Promise<void> {
    this.#running?.child.kill('SIGKILL');
    await this.#running?.ended;
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Leads a run to it. */
  get env(): Readonly<Record<string, string>> {
    return { RUNCOMFY_MODEL_API_BASE: `http://127.0.0.1:${this.#port}/v1`, RUNCOMFY_API_TOKEN: TOKEN };
  }

  /** Its own ledger, from disk: everything it ever accepted, in order. */
  async ledger(): Promise<readonly Accepted[]> {
    const text = await readFile(join(this.#project.folder, 'service', 'requests.ndjson'), 'utf8').catch(
      () => '',
    );
    const requests = new Map<string, Accepted>();
    // What follows the last newline was never whole.
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
