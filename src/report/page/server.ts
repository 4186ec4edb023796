import type { PageData, PageServer } from '../page-data.js';

/** A choice as the server takes it. */
export type Edit =
  | { readonly take: { readonly line: string; readonly take: number | null } }
  | { readonly approve: { readonly line: string; readonly approved: boolean } };

/** What became of it, in words; `data` is the film as it is since. */
export interface Edited {
  readonly ok: boolean;
  readonly message: string;
  readonly data: PageData;
}

/** How often a page that is looked at asks for news, milliseconds; and how often once nobody answers any more. */
const EVERY = 1500;
const SELDOM = 10_000;

/** The server behind a page that is served. */
export class Server {
  readonly #paths: PageServer;
  #tag: string | null = null;
  #every = EVERY;

  constructor(paths: PageServer) {
    this.#paths = paths;
  }

  /** Writes a choice into the list, if that is still the text that was looked at. Rejects where nobody answers. */
  async edit(edit: Edit, revision: string): Promise<Edited> {
    const answer = await fetch(this.#paths.choices, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...edit, revision }),
    });
    return (await answer.json()) as Edited;
  }

  /** Tells what is new, as long as the page is looked at; `onGone` when the server no longer answers, or does again. */
  watch(onNews: (data: PageData) => void, onGone: (isGone: boolean) => void): void {
    const ask = async () => {
      if (document.hidden) return;
      try {
        const headers: HeadersInit = this.#tag === null ? {} : { 'if-none-match': this.#tag };
        const answer = await fetch(this.#paths.data, { headers, cache: 'no-store' });
        this.#every = EVERY;
        onGone(false);
        if (!answer.ok) return;
        const isFirst = this.#tag === null;
        this.#tag = answer.headers.get('etag');
        const data = (await answer.json()) as PageData;
        if (!isFirst || this.#tag === null) onNews(data);
      } catch {
        this.#every = SELDOM;
        onGone(true);
      }
    };
    const again = async () => {
      await ask();
      setTimeout(again, this.#every);
    };
    void again();
    document.addEventListener('visibilitychange', () => void ask());
  }
}
