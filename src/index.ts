/** Shotlist for programs: load a list, plan it, run it, read what a run wrote. */

export { Exit, type ExitCode } from './base/exit.js';
export type { Json, JsonObject } from './base/json.js';
export { type RunPlanOptions, type RunPlanResult, runPlan as run } from './commands/run/run-plan.js';
export type { Checked, Diagnostic, Range } from './language/diagnostic.js';
export type { Ignored, WithIgnored } from './language/ignores.js';
export { loadShotList as load } from './language/load.js';
export type { Element, Image, Shot, ShotFields, ShotList } from './language/shot-list.js';
export type { Check, Manifest, ManifestEntry, Output, SubmissionState } from './manifest/manifest.js';
export { readManifest } from './manifest/manifest-file.js';
export type { AudioFacts, MediaFacts } from './media/facts.js';
export type { Flag } from './media/flags.js';
export type { Model, NeutralField, Price } from './models/catalog.js';
export { type Catalog, findModel, models } from './models/catalog.js';
export type { LocalMedia, NativeInput, NativeValue, VersionedUrl } from './models/native-input.js';
export { type ModelFileProblem, type ReadCatalog, readCatalog } from './models/read-catalog.js';
export { makePlan as plan } from './plan/make-plan.js';
export type { Cost, ListIdentity, Plan, Segment, ServiceDefault, Submission } from './plan/plan.js';
export type { RunEvent, RunFinished } from './run/events.js';
