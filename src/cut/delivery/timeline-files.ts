import { readdir } from 'node:fs/promises';
import { formatFcp7 } from './fcp7.js';
import { hashText } from './folder-files.js';
import { formatVersion } from './name-clips.js';
import { formatOtio } from './otio.js';
import {
  type DeliveredTimeline,
  type DeliveryRecord,
  TIMELINE_EXTENSIONS,
  type TimelineFormat,
} from './record.js';
import type { Timeline } from './timeline.js';

/** Functions that write each format. */
const WRITERS: Readonly<Record<TimelineFormat, (timeline: Timeline, name: string) => string>> = {
  fcp7: formatFcp7,
  otio: formatOtio,
};

/** A new version of a timeline, and the files to write. */
export interface NextTimeline {
  readonly delivered: DeliveredTimeline;
  readonly texts: readonly { readonly file: string; readonly text: string }[];
}

/**
 * Makes the next version of a timeline; null if the last one is the same, in all wanted formats. Version numbers increase
 * and skip files that are not in the record.
 */
export async function nextTimeline(
  timeline: Timeline,
  options: {
    readonly record: DeliveryRecord;
    readonly folder: string;
    readonly formats: readonly TimelineFormat[];
  },
): Promise<NextTimeline | null> {
  const { record, folder, formats } = options;
  const { name } = timeline;
  const content = hashText(JSON.stringify(timeline));
  const before = record.timelines.filter((one) => one.name === name);
  const last = before.at(-1);
  const has = new Set(last?.files.map(({ format }) => format));
  if (last?.content === content && formats.every((format) => has.has(format))) return null;
  const recorded = before.map((one) => one.version);
  const version = Math.max(0, ...recorded, ...(await versionsIn(folder, name))) + 1;
  const versionName = `${name}_${formatVersion(version)}`;
  const texts = formats.map((format) => {
    const file = `${versionName}.${TIMELINE_EXTENSIONS[format]}`;
    return { format, file, text: WRITERS[format](timeline, versionName) };
  });
  const files = texts.map(({ format, file, text }) => {
    return { format, file, bytes: Buffer.byteLength(text), sha256: hashText(text) };
  });
  return { delivered: { name, version, content, files }, texts };
}

/** Version number and extension of a timeline file. */
const VERSION = new RegExp(`^(\\d{3,9})\\.(?:${Object.values(TIMELINE_EXTENSIONS).join('|')})$`, 'i');

async function versionsIn(folder: string, name: string): Promise<readonly number[]> {
  const prefix = `${name}_v`.toLowerCase();
  const files = (await readdir(folder)).filter((file) => file.toLowerCase().startsWith(prefix));
  return files.flatMap((file) => {
    const [, number] = VERSION.exec(file.slice(prefix.length)) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
}
