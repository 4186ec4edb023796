import type { CheckedFile } from './check-files.js';
import { type Checked, CODES, type Code, type Diagnostic, type Range, WARNINGS } from './diagnostic.js';
import { diagnose, type Ignore, inside, type Place, type PlacedFinding } from './document.js';
import type { Layer } from './layers.js';

/** A warning that the list ignores. */
export interface Ignored {
  readonly warning: Diagnostic;
  readonly by: Ignore;
}

/** Result of a check, with the ignored warnings apart. */
export type WithIgnored<T> = Checked<T> & { readonly ignored: readonly Ignored[] };

/** A finding, or a diagnostic, with the ignores of the shot that it is about, if it is about one. */
export type Found = PlacedFinding | (Diagnostic & Pick<PlacedFinding, 'ignores'>);

/** The codes of one `ignore`, a list of codes or a map of codes with their reasons; `place` is its place. */
export function ignoresIn(value: unknown, place: Place): readonly Ignore[] {
  if (typeof value !== 'object' || value === null) return [];
  const codes = Array.isArray(value) ? value : Object.keys(value);
  const scope = { ...place, path: place.path.slice(0, -1) };
  return codes.map((code, index) => ({
    code: String(code),
    place: inside(place, Array.isArray(value) ? index : String(code)),
    scope,
  }));
}

/** Every `ignore` of a list: those of its files, and those of its layers, used or not. */
export function writtenIgnores(files: readonly CheckedFile[], layers: readonly Layer[]): readonly Ignore[] {
  const ofFiles = files.flatMap(({ document, isMain, value, broken }) => {
    if (broken.has('ignore')) return [];
    const written = ignoresIn(value.ignore, { document, path: ['ignore'] });
    // The list accepts warnings about the files that it names too.
    return isMain ? written.map((one) => ({ ...one, scope: null })) : written;
  });
  const ofLayers = layers
    .filter(({ invalid }) => !invalid.has('ignore'))
    .flatMap(({ fields, place }) => ignoresIn(fields.ignore, inside(place, 'ignore')));
  return [...ofFiles, ...ofLayers];
}

/** Findings about codes that cannot be ignored: errors, and codes that do not exist. */
export function uselessIgnores(ignores: readonly Ignore[]): readonly PlacedFinding[] {
  return ignores.flatMap(({ code, place }) =>
    canBeIgnored(code) ? [] : [{ place, about: 'key', code: 'SL117', ...uselessCode(code) } as const],
  );
}

function uselessCode(code: string): { readonly message: string; readonly hint: string } {
  if (!Object.hasOwn(CODES, code)) {
    const upper = code.toUpperCase();
    const isMeant = WARNINGS.has(upper as Code);
    const hint = isMeant ? `did you mean ${upper}?` : 'each warning is shown with its code, such as SL304';
    return { message: `there is no warning ${code}`, hint };
  }
  const why = code === 'SL116' ? '' : ': it is an error';
  const message = `${code} (${CODES[code as Code]}) cannot be ignored${why}`;
  return { message, hint: 'take it out: `ignore` silences warnings only' };
}

function canBeIgnored(code: string): boolean {
  // A row of a table may name the code.
  return WARNINGS.has(code as Code) || code.includes('${');
}

/** Warnings about ignores that silence nothing. `used` are those that silenced something. */
export function unusedIgnores(ignores: readonly Ignore[], used: readonly Ignore[]): readonly Diagnostic[] {
  const key = ({ file, line, column }: Diagnostic) => `${file}:${line}:${column}`;
  const asUnused = ({ code, place }: Ignore) => {
    const message = `there is no warning ${code} here to ignore`;
    return diagnose({
      place,
      about: 'key',
      code: 'SL116',
      severity: 'warning',
      message,
      hint: 'take it out',
    });
  };
  // Several shots may share one `ignore`, and it is used if one of them uses it.
  const places = new Set(used.map((one) => key(asUnused(one))));
  return ignores.map(asUnused).filter((one) => !places.has(key(one)));
}

/** Makes findings into diagnostics and takes out the warnings that the list ignores; `ignores` are all of the list's. */
export function splitIgnored(
  found: readonly Found[],
  ignores: readonly Ignore[],
): { readonly diagnostics: readonly Diagnostic[]; readonly ignored: readonly Ignored[] } {
  const diagnostics: Diagnostic[] = [];
  const ignored: Ignored[] = [];
  for (const one of found) {
    const { ignores: ofShot, ...rest } = one;
    const warning = 'place' in rest ? diagnose(rest) : rest;
    const by = warning.severity === 'warning' ? ignoreOf(warning, { ignores, ofShot }) : undefined;
    if (by) ignored.push({ warning, by });
    else diagnostics.push(warning);
  }
  return { diagnostics, ignored };
}

/** The `ignore` that silences a warning: that of the shot it is about, or of the part of a file that it is in. */
function ignoreOf(
  warning: Diagnostic,
  { ignores, ofShot }: { ignores: readonly Ignore[]; ofShot: readonly Ignore[] | undefined },
): Ignore | undefined {
  const ofCode = (one: Ignore) => one.code === warning.code;
  const own = ofShot?.find(ofCode);
  // A warning about a shot may be in a part that other shots share: only the ignores of whole files hold for it there.
  const wide = ofShot ? ignores.filter(({ scope }) => !scope || scope.path.length === 0) : ignores;
  return own ?? wide.find((one) => ofCode(one) && (one.scope === null || isIn(one.scope, warning)));
}

/** True if a diagnostic is about text inside a part of a file. */
export function isIn({ document, path }: Place, diagnostic: Diagnostic): boolean {
  if (document.source.file !== diagnostic.file) return false;
  if (path.length === 0) return true;
  const part = diagnose({ place: { document, path }, code: diagnostic.code, message: '' });
  return !isBefore(diagnostic, part) && isBefore(diagnostic, { line: part.endLine, column: part.endColumn });
}

function isBefore(one: Pick<Range, 'line' | 'column'>, other: Pick<Range, 'line' | 'column'>): boolean {
  return one.line < other.line || (one.line === other.line && one.column < other.column);
}
