import { type Code, checked } from '../language/diagnostic.js';
import { inside, type Place, type PlacedFinding } from '../language/document.js';
import { splitIgnored, type WithIgnored } from '../language/ignores.js';
import type { Shot, ShotFields, ShotList } from '../language/shot-list.js';
import { type KnownShots, unknownShot } from '../language/unknown-shot.js';
import { builtIn, type Catalog } from '../models/catalog.js';
import { unknownModel } from './check-shot.js';
import type { ListIdentity, Plan, Submission } from './plan.js';
import { type PlannedShot, planShot } from './plan-shot.js';

/**
 * Plans a list: the submissions of each shot, in list order, checked against every rule of its model. `catalog` has the
 * models that the list may name; by default those that come with Shotlist. Pure: no network, no files, no clock.
 */
export function makePlan(list: ShotList, catalog: Catalog = builtIn): WithIgnored<Plan> {
  const ordered = orderByChains(list);
  const findings: PlacedFinding[] = [...ordered.findings, ...unknownModels(list, catalog)];
  const planned = new Map<string, PlannedShot>();
  const approvable = approvableKeys(list, catalog);
  for (const shot of ordered.shots) {
    const one = planShot(shot, { list, catalog, planned, approvable });
    planned.set(shot.id, one);
    for (const finding of one.findings) findings.push({ ...finding, ignores: shot.ignores });
  }
  findings.push(...checkProfileAlone(list, { catalog, found: findings }));
  const submissions = list.shots.flatMap(({ id }) => planned.get(id)?.submissions ?? []);
  const plan: Plan = {
    list: identityOf(list),
    submissions: shareKeys(submissions),
    approved: approvedOf(list, submissions),
    profile: list.profile,
    budget: list.budget,
    scenes: [...list.scenes].map(([id, { title }]) => ({ id, title })),
  };
  const { diagnostics, ignored } = splitIgnored(findings, list.ignores);
  return { ...checked(plan, diagnostics), ignored };
}

/** Findings about models that do not exist, in every part of the list: no shot may use a part today. */
function unknownModels({ models }: ShotList, catalog: Catalog): readonly PlacedFinding[] {
  return models.flatMap(({ name, place }) =>
    catalog.find(name) ? [] : [unknownModel(name, { place, catalog })],
  );
}

/** Codes of values that no shot could send, whatever else it has. */
const VALUE_CODES: ReadonlySet<Code> = new Set(['SL102', 'SL301', 'SL302', 'SL305']);

/** Findings about values of the profile that its own model does not take, except those that `found` has from a shot. */
function checkProfileAlone(
  list: ShotList,
  { catalog, found }: { catalog: Catalog; found: readonly PlacedFinding[] },
): readonly PlacedFinding[] {
  const alone = list.profileAlone;
  if (!alone) return [];
  // With an end image, which a shot may have, a model may take more durations.
  const shot = { ...alone, fields: { end_image: '', ...alone.fields } };
  const written = Object.keys(alone.fields).map((field) => keyOf(alone.origin(field as keyof ShotFields)));
  const known = new Set(found.map(({ code, place }) => `${code} ${keyOf(place)}`));
  const { findings } = planShot(shot, { list, catalog, planned: new Map(), approvable: new Map() });
  return findings.filter(({ code, about, place }) => {
    const key = keyOf(place);
    const isWritten =
      about !== 'missing' && written.some((field) => key === field || key.startsWith(`${field}/`));
    return isWritten && VALUE_CODES.has(code) && !known.has(`${code} ${key}`);
  });
}

function keyOf({ path }: Place): string {
  return path.join('/');
}

/** Keys that an approval may name besides the shot's own, by shot id: the keys without the profile. */
export function approvableKeys(list: ShotList, catalog: Catalog): ReadonlyMap<string, string> {
  if (!list.unprofiled) return new Map();
  // An approval that does not hold is reported once, for the profile.
  const planned = makePlan(withoutApprovals({ ...list, shots: list.unprofiled }), catalog);
  const { submissions } = (planned.ok ? planned.value : planned.partial) ?? { submissions: [] };
  return new Map(submissions.filter(({ selected }) => selected).map(({ shot, key }) => [shot, key]));
}

/** A list whose shots may differ from what was approved. */
export function withoutApprovals(list: ShotList): ShotList {
  const shots = list.shots.map((shot) => ({ ...shot, fields: { ...shot.fields, approved: undefined } }));
  return { ...list, shots, unprofiled: null };
}

/** Ids of approved submissions: all parts of the selected take of each approved shot. */
function approvedOf({ shots }: ShotList, submissions: readonly Submission[]): readonly string[] {
  const approved = new Set(shots.filter(({ fields }) => fields.approved !== undefined).map(({ id }) => id));
  return submissions.filter(({ shot, selected }) => selected && approved.has(shot)).map(({ id }) => id);
}

/** Marks submissions with the key of an earlier one, as one video is submitted once. */
function shareKeys(submissions: readonly Submission[]): readonly Submission[] {
  const firstByKey = new Map<string, string>();
  return submissions.map((submission) => {
    const first = firstByKey.get(submission.key);
    if (first !== undefined) return { ...submission, same_as: first };
    firstByKey.set(submission.key, submission.id);
    return submission;
  });
}

function identityOf({ path, folder, name, title, aspect, document }: ShotList): ListIdentity {
  return { path, folder, name, title, aspect, sha256: document.source.sha256 };
}

/** Shots in an order in which each follows the shots it is chained to, and findings about chains. */
interface Ordered {
  readonly shots: readonly Shot[];
  readonly findings: readonly PlacedFinding[];
}

const CHAIN_FIELDS = ['start_image', 'end_image'] as const;

/** Orders shots by `last_frame_of`. Leaves out shots that wait for each other and reports them. */
function orderByChains({ shots, missing = [] }: Pick<ShotList, 'shots' | 'missing'>): Ordered {
  if (!shots.some((shot) => chainsOf(shot).length > 0)) return { shots, findings: [] };
  const known = { byId: new Map(shots.map((shot) => [shot.id, shot])), missing };
  const findings: PlacedFinding[] = [];
  const waiting = new Map<string, number>();
  const dependents = new Map<string, Shot[]>();
  for (const shot of shots) {
    for (const { shot: id, field } of chainsOf(shot)) {
      if (!known.byId.has(id)) {
        findings.push(...unknownShotFindings(id, { shot, field, known }));
        continue;
      }
      waiting.set(shot.id, (waiting.get(shot.id) ?? 0) + 1);
      const others = dependents.get(id);
      if (others) others.push(shot);
      else dependents.set(id, [shot]);
    }
  }
  const ready = shots.filter((shot) => !waiting.has(shot.id));
  // The loop appends to the list it reads: a shot is ready when all shots it is chained to are in the list.
  for (const shot of ready) {
    for (const next of dependents.get(shot.id) ?? []) {
      const left = (waiting.get(next.id) as number) - 1;
      waiting.set(next.id, left);
      if (left === 0) ready.push(next);
    }
  }
  const placed = new Set(ready.map(({ id }) => id));
  const circle = circularShots(shots.filter(({ id }) => !placed.has(id)));
  for (const shot of circle.values()) findings.push(waitsForItself(shot, circle));
  return { shots: ready, findings };
}

function unknownShotFindings(
  id: string,
  { shot, field, known }: { shot: Shot; field: (typeof CHAIN_FIELDS)[number]; known: KnownShots },
): readonly PlacedFinding[] {
  const finding = unknownShot(id, known);
  return finding ? [{ place: inside(shot.origin(field), 'last_frame_of'), ...finding }] : [];
}

/** Shots of a circle, from `shots` that cannot start; the other shots only wait for a shot of the circle. */
function circularShots(shots: readonly Shot[]): ReadonlyMap<string, Shot> {
  const remaining = new Map(shots.map((shot) => [shot.id, shot]));
  // Number of shots that wait for a shot, by its id.
  const waiters = new Map<string, number>();
  const addWaiters = (shot: Shot, by: number) => {
    for (const { shot: id } of chainsOf(shot)) waiters.set(id, (waiters.get(id) ?? 0) + by);
  };
  for (const shot of shots) addWaiters(shot, 1);
  // A shot that no other shot waits for is in no circle.
  const ends = shots.filter(({ id }) => !waiters.get(id));
  for (const shot of ends) {
    remaining.delete(shot.id);
    addWaiters(shot, -1);
    for (const { shot: id } of chainsOf(shot)) {
      const next = remaining.get(id);
      if (next && waiters.get(id) === 0) ends.push(next);
    }
  }
  return remaining;
}

function chainsOf(shot: Shot): readonly { shot: string; field: (typeof CHAIN_FIELDS)[number] }[] {
  return CHAIN_FIELDS.flatMap((field) => {
    const image = shot.images[field];
    return image?.kind === 'chain' ? [{ shot: image.shot, field }] : [];
  });
}

function waitsForItself(shot: Shot, circle: ReadonlyMap<string, Shot>): PlacedFinding {
  const chain = chainsOf(shot).find(({ shot: id }) => circle.has(id));
  const { id } = shot;
  const message =
    chain?.shot === id
      ? `\`${id}\` waits for itself`
      : `\`${id}\` waits for \`${chain?.shot}\`, which in turn waits for \`${id}\``;
  return {
    place: inside(shot.origin(chain?.field ?? 'start_image'), 'last_frame_of'),
    code: 'SL107',
    message,
    hint:
      chain?.shot === id ? 'give it a start image of its own' : 'give one of them a start image of its own',
  };
}
