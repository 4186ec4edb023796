import type { SchemaProblem } from '../base/schema-problem.js';
import { inside, type PlacedFinding } from './document.js';
import type { ListFile } from './files.js';
import { mentionsRow } from './fill-in.js';
import type { Finding, Path } from './finding.js';
import { listProblems } from './list-problems.js';

/** What the schema says of one file, so that each mistake is told once and the rest is still looked at. */
export interface Structure {
  readonly findings: readonly PlacedFinding[];
  /** Parts that are written wrongly as a whole, such as `aspect`, `shots/3` or `elements/hero`. */
  readonly broken: ReadonlySet<string>;
  /** Fields that are written wrongly, by the part they stand in: `defaults`, `shots/3`, `scenes/010`, `profiles/final`. */
  readonly invalid: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Parts that hold shot fields, by how many keys lead to them. */
const HOLD_FIELDS: Readonly<Record<string, number>> = { defaults: 1, shots: 2, profiles: 2, scenes: 3 };

/** What would be taken for something else if an included file said it and nobody told. */
const OF_A_LIST = ['shots', 'budget'] as const;

/**
 * Checks a file's value, variables filled in, against the schema; what a table's row will fill in is left for later.
 * `unfilled` are the paths of texts that name no variable, which has been told.
 */
export async function checkStructure(
  file: ListFile,
  { value, unfilled }: { value: unknown; unfilled: readonly Path[] },
): Promise<Structure> {
  const place = { document: file.document, path: [] };
  const broken = new Set<string>();
  const invalid = new Map<string, Set<string>>();
  const findings: PlacedFinding[] = [];
  const spoil = (path: Path, meant?: string) => {
    const { part, field } = spoiled(path);
    if (field === undefined) return void broken.add(part);
    const fields = invalid.get(part) ?? new Set();
    invalid.set(part, fields.add(field));
    if (meant) fields.add(meant);
  };
  for (const path of unfilled) spoil(path);
  const told = new Set(unfilled.map((path) => path.join('/')));
  for (const { path, ...problem } of await listProblems(value)) {
    if (isForLater(value, path) || (!file.isMain && isOfTheListAlone(path, problem))) continue;
    spoil(path, problem.meant);
    if (told.has(path.join('/'))) continue;
    findings.push({ place: inside(place, ...path), ...structureFinding(path, problem) });
  }
  for (const part of file.isMain ? [] : OF_A_LIST) {
    if ((value as Readonly<Record<string, unknown>> | null)?.[part] === undefined) continue;
    const message = `a file that is included has no ${part} of its own`;
    findings.push({ place: inside(place, part), code: 'SL222', about: 'key', message });
  }
  for (const scene of scenesThatSayTheirOwn(value)) {
    const message = 'a scene’s defaults cannot say `scene`';
    const hint = 'write it on the shots';
    const path = ['scenes', scene, 'defaults', 'scene'];
    findings.push({ place: inside(place, ...path), code: 'SL102', about: 'key', message, hint });
  }
  return { findings, broken, invalid };
}

function scenesThatSayTheirOwn(value: unknown): readonly string[] {
  const scenes = (value as { scenes?: unknown } | null)?.scenes;
  if (typeof scenes !== 'object' || Array.isArray(scenes)) return [];
  const says = (scene: { defaults?: { scene?: unknown } | null } | null) =>
    scene?.defaults?.scene !== undefined;
  return Object.entries(scenes ?? {}).flatMap(([name, scene]) => (says(scene) ? [name] : []));
}

function isForLater(value: unknown, path: Path): boolean {
  let part = value;
  for (const key of path) part = (part as Record<string | number, unknown> | undefined)?.[key];
  return typeof part === 'string' && mentionsRow(part);
}

/** An included file needs no version, and what it says of shots is refused as a whole. */
function isOfTheListAlone(path: Path, { about, key }: Omit<SchemaProblem, 'path'>): boolean {
  const isMissing = path.length === 0 && about === 'missing' && (key === 'version' || key === 'shots');
  return isMissing || path[0] === 'shots';
}

/** The smallest part that a mistake spoils. */
function spoiled(path: Path): { part: string; field: string | undefined } {
  const [first] = path;
  const depth = HOLD_FIELDS[String(first)];
  if (depth === undefined)
    return { part: path.slice(0, first === 'elements' ? 2 : 1).join('/'), field: undefined };
  const part = path.slice(0, Math.min(depth, 2)).join('/');
  const field = path[depth];
  return { part, field: field === undefined ? undefined : String(field) };
}

function structureFinding(path: Path, problem: Omit<SchemaProblem, 'path'>): Finding {
  const { about, rule, message, hint } = problem;
  const code = rule === 'additionalProperties' ? 'SL102' : about === 'missing' ? 'SL103' : 'SL101';
  const begins = 'a shot list begins with `version: 1` and `shots:`';
  if (path.length === 0 && rule === 'type') return { code, message: 'this is no shot list', hint: begins };
  if (path.length === 0 && about === 'missing') return { code, about, message, hint: begins };
  return { code, about, message, hint };
}
