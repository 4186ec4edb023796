import { type Checked, checked } from '../language/diagnostic.js';
import { diagnose, type PlacedFinding } from '../language/document.js';
import type { ShotList } from '../language/shot-list.js';
import { builtIn, type Catalog } from '../models/catalog.js';
import { orderByChains } from './chains.js';
import type { ListIdentity, Plan } from './plan.js';
import { type PlannedShot, planShot } from './plan-shot.js';
import type { Submission } from './submission.js';

/**
 * What would be sent for each shot, in list order, checked against every rule of its model.
 * `catalog` has the models that the list may name: those that come with Shotlist, unless said.
 * Pure: no network, no files, no clock.
 */
export function makePlan(list: ShotList, catalog: Catalog = builtIn): Checked<Plan> {
  const ordered = orderByChains(list);
  const findings: PlacedFinding[] = [...ordered.findings];
  const planned = new Map<string, PlannedShot>();
  const approvable = approvableKeys(list, catalog);
  for (const shot of ordered.shots) {
    const one = planShot(shot, { list, catalog, planned, approvable });
    planned.set(shot.id, one);
    for (const finding of one.findings) findings.push(finding);
  }
  const submissions = list.shots.flatMap(({ id }) => planned.get(id)?.submissions ?? []);
  const plan: Plan = {
    list: identityOf(list),
    submissions: shareKeys(submissions),
    approved: approvedOf(list, submissions),
    profile: list.profile,
    budget: list.budget,
    scenes: [...list.scenes].map(([id, { title }]) => ({ id, title })),
  };
  return checked(plan, findings.map(diagnose));
}

/** Keys that an approval may name besides the shot's own: what it is without the profile, by its id. */
export function approvableKeys(list: ShotList, catalog: Catalog): ReadonlyMap<string, string> {
  if (!list.unprofiled) return new Map();
  const { shots, ...rest } = { ...list, shots: list.unprofiled, unprofiled: null };
  // An approval that does not hold there either is said once, of the profile.
  const open = shots.map((shot) => ({ ...shot, fields: { ...shot.fields, approved: undefined } }));
  const planned = makePlan({ ...rest, shots: open }, catalog);
  const { submissions } = (planned.ok ? planned.value : planned.partial) ?? { submissions: [] };
  return new Map(submissions.filter(({ selected }) => selected).map(({ shot, key }) => [shot, key]));
}

/** What an approval is about: the selected take, all its parts. */
function approvedOf({ shots }: ShotList, submissions: readonly Submission[]): readonly string[] {
  const approved = new Set(shots.filter(({ fields }) => fields.approved !== undefined).map(({ id }) => id));
  return submissions.filter(({ shot, selected }) => selected && approved.has(shot)).map(({ id }) => id);
}

/** One video is submitted once, however many ids it has. */
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
