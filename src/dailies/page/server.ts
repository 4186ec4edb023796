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
  /** When what is shown was gathered. */
  #made: string;
  #every = EVERY;

  constructor(paths: PageServer, { made }: Pick<PageData, 'made'>) {
    this.#paths = paths;
    this.#made = made;
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
        this.#tag = answer.headers.get('etag');
        const data = (await answer.json()) as PageData;
        // A tab that was opened behind another may be old when it is looked at for the first time.
        if (data.made !== this.#made) onNews(data);
        this.#made = data.made;
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
