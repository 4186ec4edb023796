import type { Code } from './codes.js';
import type { Diagnostic } from './diagnostic.js';

/** Object keys and list indexes from the top of a document down to a value. */
export type Path = readonly (string | number)[];

/** What a diagnostic points at: a value, its key, or the first line of a map that lacks something. */
export type About = 'value' | 'key' | 'missing';

/** Something to say about a shot list, before its place is looked up; an error unless it says otherwise. */
export interface Finding {
  readonly code: Code;
  readonly severity?: Diagnostic['severity'];
  readonly message: string;
  readonly hint?: string | undefined;
  readonly about?: About;
  /** The very characters of a text that it is about, such as `@hreo`; pointed at where they stand as they are. */
  readonly part?: string;
}
