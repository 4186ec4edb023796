import { nearest } from '../base/text.js';
import { formatNumber } from '../base/units.js';
import type { ListDocument, PlacedFinding } from './document.js';
import type { ListFile } from './files.js';
import { fillIn, type Variable, type Variables } from './fill-in.js';

/** Longest value that a variable may come to, characters: each may hold the one above it twice. */
const LONGEST = 100_000;

/** A variable's value, and where it stands; null for one of `--set`. */
interface Written {
  readonly value: Variable;
  readonly document: ListDocument | null;
}

/**
 * The variables of all files, `set` winning over later files, later files over earlier ones. A variable's text may use
 * those that stand above it or in what the file includes, so that none leads back to itself.
 */
export function resolveVariables(
  files: readonly ListFile[],
  set: ReadonlyMap<string, string>,
): { variables: Variables; findings: readonly PlacedFinding[] } {
  const written = writtenIn(files);
  const findings = unknownNames([...set.keys()], { files, names: [...written.keys()] });
  for (const [name, value] of set) written.set(name, { value, document: null });
  const main = (files.at(-1) as ListFile).document;
  const variables = new Map<string, Variable>();
  for (const [name, { value, document }] of written) {
    const place = { document: document ?? main, path: ['vars', name] };
    const filled = fillIn(value, {
      variables,
      onUnknown: (_, { hint, ...finding }) => {
        findings.push({ place, ...finding, hint: `a variable may use those above it; ${hint}` });
      },
    }) as Variable;
    const isLong = String(filled).length > LONGEST && filled !== value;
    if (isLong) findings.push({ place, code: 'SL106', message: tooLong(name) });
    variables.set(name, isLong ? '' : filled);
  }
  return { variables, findings };
}

function tooLong(name: string): string {
  return `\`${name}\`, filled in, is longer than ${formatNumber(LONGEST)} characters`;
}

function writtenIn(files: readonly ListFile[]): Map<string, Written> {
  const written = new Map<string, Written>();
  for (const { document } of files) {
    const vars = (document.value as { vars?: unknown } | null)?.vars;
    if (typeof vars !== 'object' || Array.isArray(vars)) continue;
    for (const [name, value] of Object.entries(vars ?? {})) {
      // What is wrong with others, the schema says; what refers to one need not be told as well.
      const isFit = ['string', 'number', 'boolean'].includes(typeof value);
      written.set(name, { value: isFit ? (value as Variable) : name, document });
    }
  }
  return written;
}

function unknownNames(
  set: readonly string[],
  { files, names }: { files: readonly ListFile[]; names: readonly string[] },
): PlacedFinding[] {
  const { document } = files.at(-1) as ListFile;
  const known = names.length > 0 ? `it has ${names.join(', ')}` : 'it has no `vars:`';
  return set
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = nearest(name, names);
      return {
        place: { document, path: ['vars'] },
        code: 'SL106',
        about: 'key',
        message: `--set names \`${name}\`, which is no variable of this list`,
        hint: meant ? `did you mean \`${meant}\`?` : known,
      };
    });
}
