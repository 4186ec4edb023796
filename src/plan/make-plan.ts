import { type Checked, checked, type Diagnostic } from '../shotlist/diagnostic.js';
import type { ShotList } from '../shotlist/shot-list.js';
import type { ListIdentity, Plan, Submission } from './plan.js';
import { planShot } from './plan-shot.js';

/**
 * What would be sent for each shot, in list order, checked against every rule of its model.
 * Pure: no network, no files, no clock.
 */
export function makePlan(list: ShotList): Checked<Plan> {
  const diagnostics: Diagnostic[] = [];
  const submissions: Submission[] = [];
  const firstByKey = new Map<string, string>();
  for (const shot of list.shots) {
    const planned = planShot(shot, list);
    diagnostics.push(...planned.findings.map(({ path, ...finding }) => list.document.at(path, finding)));
    if (!planned.submission) continue;
    const { id, key } = planned.submission;
    submissions.push({ ...planned.submission, same_as: firstByKey.get(key) ?? null });
    if (!firstByKey.has(key)) firstByKey.set(key, id);
  }
  return checked({ list: identityOf(list), submissions }, diagnostics);
}

function identityOf({ path, folder, name, title, document }: ShotList): ListIdentity {
  return { path, folder, name, title, sha256: document.source.sha256 };
}
