import type { PageData, PageServer } from '../page-data.js';

/** A choice as it is sent to the server. */
export type Edit =
  | { readonly take: { readonly line: string; readonly take: number | null } }
  | { readonly approve: { readonly line: string; readonly approved: boolean } };

/** Answer to a choice: a message for the user, and the film after it. */
interface EditAnswer {
  readonly ok: boolean;
  readonly message: string;
  readonly data: PageData;
}

/** Time between two polls of a visible page, milliseconds. */
const POLL_EVERY = 1500;
/** Time between two polls while the server does not answer, milliseconds. */
const POLL_EVERY_WHILE_GONE = 10_000;

/** Client of the server that serves the page. */
export class Server {
  readonly #paths: PageServer;
  /** ETag of the latest data. */
  #tag: string | null = null;
  /** `made` of the data that the page shows. */
  #made: string;
  #pollEvery = POLL_EVERY;

  constructor(paths: PageServer, { made }: Pick<PageData, 'made'>) {
    this.#paths = paths;
    this.#made = made;
  }

  /** Writes a choice into the list if the list still has this revision. Rejects if the server does not answer. */
  async edit(edit: Edit, revision: string): Promise<EditAnswer> {
    const answer = await fetch(this.#paths.choices, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...edit, revision }),
    });
    return (await answer.json()) as EditAnswer;
  }

  /** Polls while the page is visible. Calls `onData` with new data; calls `onGone` after each poll, true for no answer. */
  watch(onData: (data: PageData) => void, onGone: (isGone: boolean) => void): void {
    const poll = async () => {
      if (document.hidden) return;
      try {
        const headers: HeadersInit = this.#tag === null ? {} : { 'if-none-match': this.#tag };
        const answer = await fetch(this.#paths.data, { headers, cache: 'no-store' });
        this.#pollEvery = POLL_EVERY;
        onGone(false);
        if (!answer.ok) return;
        this.#tag = answer.headers.get('etag');
        const data = (await answer.json()) as PageData;
        // A tab opened in the background may show old data when it is visible for the first time.
        if (data.made !== this.#made) onData(data);
        this.#made = data.made;
      } catch {
        this.#pollEvery = POLL_EVERY_WHILE_GONE;
        onGone(true);
      }
    };
    const pollForever = async () => {
      await poll();
      setTimeout(pollForever, this.#pollEvery);
    };
    void pollForever();
    document.addEventListener('visibilitychange', () => void poll());
  }
}
