import type { ErrorObject, ValidateFunction } from 'ajv';
import { explainSchemaErrors, type SchemaProblem } from '../base/schema-problem.js';
import { nearestWord, normalText } from '../base/text.js';
import { formatNumber } from '../base/units.js';
import validateList from '../generated/validate-shotlist.js';
import { adviceOn, requestFinding } from './advice.js';
import type { Finding, Path } from './diagnostic.js';
import { inside, type ListDocument, type ListFile, type Place, type PlacedFinding } from './document.js';
import { fillIn, mayRefer, mentionsRow, reportBraces, type Variable, type Variables } from './fill-in.js';
import type { ImageReference } from './shot-list.js';
import { textWarnings } from './text-warnings.js';

/** One file, variables filled in and checked against the schema. */
export interface CheckedFile extends ListFile {
  readonly value: RawList;
  /** Parts that are invalid as a whole, such as `aspect`, `shots/3` or `elements/hero`. */
  readonly broken: ReadonlySet<string>;
  /** Invalid fields, by the part that holds them: `defaults`, `shots/3`, `scenes/010`, `profiles/final`. */
  readonly invalid: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The list that the schema describes; it holds for the parts that are neither broken nor invalid. */
export interface RawList {
  readonly title?: string | null;
  readonly aspect?: string | null;
  readonly budget?: number | null;
  readonly look?: string | null;
  readonly ignore?: unknown;
  readonly defaults?: RawFields | null;
  readonly vars?: Readonly<Record<string, Variable>> | null;
  readonly elements?: Readonly<Record<string, RawElement>> | null;
  readonly scenes?: Readonly<Record<string, RawScene | null>> | null;
  readonly profiles?: Readonly<Record<string, RawFields | null>> | null;
  readonly shots?: readonly (RawFields & { readonly id: string })[];
}

/** Shot fields as written, `null`s included. */
export type RawFields = Readonly<Record<string, unknown>>;

/** An element as written. */
export interface RawElement {
  readonly frontal_image?: ImageReference | null;
  readonly reference_images?: readonly ImageReference[] | null;
  readonly video?: string | null;
}

/** A scene as written. */
export interface RawScene {
  readonly title?: string | null;
  readonly defaults?: RawFields | null;
}

/** Result of checking a list's files. */
export interface CheckedFiles {
  readonly files: readonly CheckedFile[];
  readonly variables: Variables;
  readonly findings: readonly PlacedFinding[];
}

/** Fills in every file's variables and checks its structure; `set` wins over the values in the files. */
export function checkFiles(files: readonly ListFile[], set: ReadonlyMap<string, string>): CheckedFiles {
  const { variables, findings } = resolveVariables(files, set);
  const checked: CheckedFile[] = [];
  for (const file of files) {
    const { document } = file;
    const request = requestFinding(document.value, document.source.file);
    if (request) {
      findings.push({ place: { document, path: [] }, ...request });
      checked.push({ ...file, value: {}, broken: new Set(['shots']), invalid: new Map() });
      continue;
    }
    const { value, unfilled } = fillFile(file, variables);
    const structure = checkStructure(file, { value, unfilled: unfilled.map(({ place }) => place.path) });
    for (const finding of [...unfilled, ...structure.findings, ...inBraces(file, variables)])
      findings.push(finding);
    const list = value !== null && typeof value === 'object' ? (value as RawList) : {};
    checked.push({ ...file, value: list, broken: structure.broken, invalid: structure.invalid });
  }
  return { files: checked, variables, findings };
}

/** An entry of a part such as `elements`, with the file and the place that define it. */
export interface PartEntry<Part extends 'elements' | 'scenes' | 'profiles'> {
  readonly value: NonNullable<RawList[Part]>[string];
  readonly file: CheckedFile;
  readonly place: Place;
}

/** Entries of a part by name; later files win. */
export function entriesOf<Part extends 'elements' | 'scenes' | 'profiles'>(
  files: readonly CheckedFile[],
  part: Part,
): ReadonlyMap<string, PartEntry<Part>> {
  const found = new Map<string, PartEntry<Part>>();
  for (const file of files) {
    if (file.broken.has(part)) continue;
    for (const [name, value] of Object.entries(file.value[part] ?? {})) {
      const place = { document: file.document, path: [part, name] };
      found.set(name, { value: value as PartEntry<Part>['value'], file, place });
    }
  }
  return found;
}

/** Longest value of a variable, characters: each variable may hold the one above it twice. */
const LONGEST_VALUE = 100_000;

/**
 * The variables of all files; `set` wins over later files, later files over earlier ones. A variable may use those
 * above it and those of included files, so no variable can refer to itself.
 */
function resolveVariables(
  files: readonly ListFile[],
  set: ReadonlyMap<string, string>,
): { variables: Variables; findings: PlacedFinding[] } {
  const written = writtenVariables(files);
  const main = (files.at(-1) as ListFile).document;
  const findings = unknownVariables([...set.keys()], { main, names: [...written.keys()] });
  for (const [name, value] of set) {
    written.set(name, { value, document: main });
    for (const { from, to, message, ...warning } of textWarnings(value, 'argument')) {
      const place = { document: main, path: ['vars', name] };
      findings.push({ ...warning, place, about: 'key', message: `--set ${name}: ${message}` });
    }
  }
  const variables = new Map<string, Variable>();
  for (const [name, { value, document }] of written) {
    const place = { document, path: ['vars', name] };
    const filled = fillIn(value, {
      variables,
      onUnknown: (_, { hint, ...finding }) => {
        findings.push({ place, ...finding, hint: `a variable may use those above it; ${hint}` });
      },
    }) as Variable;
    const isTooLong = String(filled).length > LONGEST_VALUE && filled !== value;
    const message = `\`${name}\`, filled in, is longer than ${formatNumber(LONGEST_VALUE)} characters`;
    if (isTooLong) findings.push({ place, code: 'SL106', message });
    variables.set(name, typeof filled === 'string' ? normalText(isTooLong ? '' : filled) : filled);
  }
  return { variables, findings };
}

function writtenVariables(
  files: readonly ListFile[],
): Map<string, { readonly value: Variable; readonly document: ListDocument }> {
  const written = new Map<string, { value: Variable; document: ListDocument }>();
  for (const { document } of files) {
    const vars = (document.value as { vars?: unknown } | null)?.vars;
    if (typeof vars !== 'object' || Array.isArray(vars)) continue;
    for (const [name, value] of Object.entries(vars ?? {})) {
      // The schema reports other values; any text in their place keeps references to them silent.
      const isFit = ['string', 'number', 'boolean'].includes(typeof value);
      written.set(name, { value: isFit ? (value as Variable) : name, document });
    }
  }
  return written;
}

function unknownVariables(
  set: readonly string[],
  { main, names }: { main: ListDocument; names: readonly string[] },
): PlacedFinding[] {
  const known = names.length > 0 ? `it has ${names.join(', ')}` : 'it has no `vars:`';
  return set
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = nearestWord(name, names);
      return {
        place: { document: main, path: ['vars'] },
        code: 'SL106',
        about: 'key',
        message: `--set names \`${name}\`, which is not a variable of this list`,
        hint: meant ? `did you mean \`${meant}\`?` : known,
      };
    });
}

/** Parts of a list in which variables are filled in; true if their texts may name a column of a table's row. */
const FILLED = {
  title: false,
  aspect: false,
  budget: false,
  elements: false,
  look: true,
  defaults: true,
  scenes: true,
  profiles: true,
  shots: true,
} as const;

/** Findings about variables that are written as other programs write them. */
function inBraces({ document }: ListFile, variables: Variables): readonly PlacedFinding[] {
  if (!document.source.text.includes('{{')) return [];
  const findings: PlacedFinding[] = [];
  const onUnknown = (path: Path, finding: Finding) =>
    findings.push({ place: { document, path }, ...finding });
  for (const part of Object.keys(FILLED)) {
    const value = (document.value as Readonly<Record<string, unknown>> | null)?.[part];
    reportBraces(value, { variables, onUnknown, path: [part] });
  }
  return findings;
}

function fillFile(
  { document }: ListFile,
  variables: Variables,
): { value: unknown; unfilled: readonly PlacedFinding[] } {
  const { value, source } = document;
  const unfilled: PlacedFinding[] = [];
  if (!mayRefer(source.text) || typeof value !== 'object' || value === null) return { value, unfilled };
  const filled: Record<string, unknown> = { ...value };
  for (const [part, mayNameRow] of Object.entries(FILLED)) {
    if (filled[part] === undefined) continue;
    filled[part] = fillIn(filled[part], {
      variables,
      path: [part],
      isLater: mayNameRow ? mentionsRow : undefined,
      onUnknown: (path, finding) => unfilled.push({ place: { document, path }, ...finding }),
    });
  }
  return { value: filled, unfilled };
}

/** Parts that hold shot fields, with the number of keys that lead to the fields. */
const FIELD_DEPTHS: Readonly<Record<string, number>> = { defaults: 1, shots: 2, profiles: 2, scenes: 3 };

/** Parts that only the list itself may have. */
const MAIN_FILE_ONLY = ['shots', 'budget'] as const;

/**
 * Checks a file's value, variables filled in, against the schema; texts that a table's row will fill in are checked
 * later. `unfilled` are the paths of texts with unknown variables, which are already reported.
 */
function checkStructure(
  { document, isMain }: ListFile,
  { value, unfilled }: { value: unknown; unfilled: readonly Path[] },
): Pick<CheckedFile, 'broken' | 'invalid'> & { findings: readonly PlacedFinding[] } {
  const place = { document, path: [] };
  const broken = new Set<string>();
  const invalid = new Map<string, Set<string>>();
  const findings: PlacedFinding[] = [];
  const exclude = (path: Path) => {
    const { part, field } = unusablePart(path);
    if (field === undefined) return void broken.add(part);
    invalid.set(part, (invalid.get(part) ?? new Set()).add(field));
  };
  for (const path of unfilled) exclude(path);
  const reported = new Set(unfilled.map((path) => path.join('/')));
  for (const { path, meant, ...problem } of advised(schemaProblems(validateList, value), value)) {
    if (isFilledLater(value, path) || (!isMain && isMainFileOnly(path, problem))) continue;
    exclude(path);
    if (meant) exclude(meant);
    if (reported.has(path.join('/'))) continue;
    findings.push({ place: inside(place, ...path), ...structureFinding(path, problem) });
  }
  for (const part of isMain ? [] : MAIN_FILE_ONLY) {
    if ((value as Readonly<Record<string, unknown>> | null)?.[part] === undefined) continue;
    const message = `a file that is included has no ${part} of its own`;
    findings.push({ place: inside(place, part), code: 'SL222', about: 'key', message });
  }
  for (const scene of scenesWithScene(value)) {
    const message = 'a scene’s defaults cannot say `scene`';
    const hint = 'write it on the shots';
    const path = ['scenes', scene, 'defaults', 'scene'];
    findings.push({ place: inside(place, ...path), code: 'SL102', about: 'key', message, hint });
  }
  return { findings, broken, invalid };
}

/** A problem with the path of the field that was meant, if another name was written for it. */
type Advised = Omit<SchemaProblem, 'meant'> & { readonly meant: Path | undefined };

/** Problems in words that say what to write, without those that follow from the name of another vocabulary. */
function advised(problems: readonly SchemaProblem[], value: unknown): readonly Advised[] {
  const all = problems.map((problem): Advised => {
    const { message = problem.message, hint = problem.hint, meant } = adviceOn(problem, value);
    const near =
      problem.meant === undefined || message !== problem.message
        ? meant
        : [...problem.path.slice(0, -1), problem.meant];
    return { ...problem, message, ...(hint !== undefined && { hint }), meant: near };
  });
  const written = new Set(all.flatMap(({ meant }) => (meant ? [meant.join('/')] : [])));
  return all.filter(({ about, path, key }) => about !== 'missing' || !written.has([...path, key].join('/')));
}

/** Problems that a compiled schema finds in a value. */
export function schemaProblems(validate: ValidateFunction, value: unknown): readonly SchemaProblem[] {
  return validate(value) ? [] : explainSchemaErrors(validate.errors as ErrorObject[], value);
}

function scenesWithScene(value: unknown): readonly string[] {
  const scenes = (value as { scenes?: unknown } | null)?.scenes;
  if (typeof scenes !== 'object' || Array.isArray(scenes)) return [];
  const hasScene = (raw: { defaults?: { scene?: unknown } | null } | null) =>
    raw?.defaults?.scene !== undefined;
  return Object.entries(scenes ?? {}).flatMap(([name, raw]) => (hasScene(raw) ? [name] : []));
}

/** True for a text that a table's row will fill in. */
function isFilledLater(value: unknown, path: Path): boolean {
  let part = value;
  for (const key of path) part = (part as Record<string | number, unknown> | undefined)?.[key];
  return typeof part === 'string' && mentionsRow(part);
}

/** True for problems that do not apply to an included file: it needs no version, and its shots are refused as a whole. */
function isMainFileOnly(path: Path, { about, key }: Omit<SchemaProblem, 'path' | 'meant'>): boolean {
  const isMissing = path.length === 0 && about === 'missing' && (key === 'version' || key === 'shots');
  return isMissing || path[0] === 'shots';
}

/** The smallest part that a mistake at `path` makes unusable. */
function unusablePart(path: Path): { part: string; field: string | undefined } {
  const [first] = path;
  const depth = FIELD_DEPTHS[String(first)];
  if (depth === undefined)
    return { part: path.slice(0, first === 'elements' ? 2 : 1).join('/'), field: undefined };
  const part = path.slice(0, Math.min(depth, 2)).join('/');
  const field = path[depth];
  return { part, field: field === undefined ? undefined : String(field) };
}

function structureFinding(path: Path, problem: Omit<SchemaProblem, 'path' | 'meant'>): Finding {
  const { about, rule, message, hint } = problem;
  const code = rule === 'additionalProperties' ? 'SL102' : about === 'missing' ? 'SL103' : 'SL101';
  const begins = 'a shot list begins with `version: 1` and `shots:`';
  if (path.length === 0 && rule === 'type') return { code, message: 'this is not a shot list', hint: begins };
  if (path.length === 0 && about === 'missing') return { code, about, message, hint: begins };
  if (about === 'missing' && problem.key === 'id' && path[0] === 'shots')
    return {
      code,
      about,
      message,
      hint: `write a short name of its own, such as \`id: shot-${Number(path[1]) + 1}\``,
    };
  const isIgnore = path.at(-1) === 'ignore' || path.at(-2) === 'ignore';
  return { code, about, message, hint: isIgnore ? IGNORE_FORMS : hint };
}

const IGNORE_FORMS = 'write the code alone, [SL304], or with its reason, { SL304: the reason }';
