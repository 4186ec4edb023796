import { readdir } from 'node:fs/promises';
import { formatFcp7 } from './fcp7.js';
import { hashText } from './folder-files.js';
import { versionWord } from './name-clips.js';
import { formatOtio } from './otio.js';
import type { DeliveredTimeline, DeliveryRecord, TimelineFormat } from './record.js';
import type { Timeline } from './timeline.js';

const WRITERS = {
  fcp7: { ending: 'xml', format: formatFcp7 },
  otio: { ending: 'otio', format: formatOtio },
} as const;

/** A timeline's files, yet to be written. */
export interface NextTimeline {
  readonly delivered: DeliveredTimeline;
  readonly texts: readonly { readonly file: string; readonly text: string }[];
}

/**
 * The next version of a timeline; null where the last one says the same, in all formats that are asked for. Numbers go up,
 * and pass over files that no record knows.
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
  const called = `${name}_${versionWord(version)}`;
  const texts = formats.map((format) => {
    const { ending, format: write } = WRITERS[format];
    return { format, file: `${called}.${ending}`, text: write(timeline, called) };
  });
  const files = texts.map(({ format, file, text }) => {
    return { format, file, bytes: Buffer.byteLength(text), sha256: hashText(text) };
  });
  return { delivered: { name, version, content, files }, texts };
}

async function versionsIn(folder: string, name: string): Promise<readonly number[]> {
  const prefix = `${name}_v`.toLowerCase();
  const files = (await readdir(folder)).filter((file) => file.toLowerCase().startsWith(prefix));
  return files.flatMap((file) => {
    const [, number] = /^(\d{3,9})\.(?:xml|otio)$/i.exec(file.slice(prefix.length)) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
}
