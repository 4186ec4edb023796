/** A child of a track: a clip, a gap or a transition. */
export interface ReadChild {
  readonly schema: string;
  readonly name: string;
  /** Frames of the film; for a transition, those before and after its cut. */
  readonly range: readonly [number, number];
  readonly available: readonly [number, number, number] | null;
  readonly markers: readonly (readonly [string, number])[];
}

interface Otio {
  readonly [name: string]: unknown;
}

/** Required fields of each schema, as OpenTimelineIO's "Serialized Data" lists them. */
const FIELDS: Readonly<Record<string, string>> = {
  'Timeline.1': 'global_start_time metadata name tracks',
  'Stack.1': 'children effects enabled markers metadata name source_range',
  'Track.1': 'children effects enabled kind markers metadata name source_range',
  'Clip.2': 'active_media_reference_key effects enabled markers media_references metadata name source_range',
  'Gap.1': 'effects enabled markers metadata name source_range',
  'Transition.1': 'in_offset metadata name out_offset transition_type',
  'ExternalReference.1': 'available_image_bounds available_range metadata name target_url',
  'Marker.2': 'color comment marked_range metadata name',
  'RationalTime.1': 'rate value',
  'TimeRange.1': 'duration start_time',
};

/** Reads an `.otio` file. Throws for a file that OpenTimelineIO would refuse or a program could not play. */
export function readOtio(text: string): {
  readonly start: readonly [number, number];
  readonly tracks: readonly {
    readonly kind: unknown;
    readonly length: number;
    readonly children: readonly ReadChild[];
  }[];
} {
  const timeline = JSON.parse(text) as Otio;
  checkFields(timeline);
  const tracks = (timeline.tracks as Otio).children as readonly Otio[];
  return {
    start: timeOf(timeline.global_start_time),
    tracks: tracks.map((track) => {
      const children = (track.children as readonly Otio[]).map(childOf);
      const length = children
        .filter(({ schema }) => schema !== 'Transition.1')
        .reduce((sum, { range }) => sum + range[1], 0);
      checkTransitions(children);
      return { kind: track.kind, length, children };
    }),
  };
}

function checkFields(value: unknown): void {
  if (Array.isArray(value)) for (const one of value) checkFields(one);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const { OTIO_SCHEMA: schema, metadata: _, ...fields } = value as Otio;
  if (typeof schema === 'string') {
    const found = Object.keys(value)
      .filter((name) => name !== 'OTIO_SCHEMA')
      .toSorted();
    if (found.join(' ') !== FIELDS[schema]) throw new Error(`${schema} has ${found.join(' ')}`);
  }
  for (const field of Object.values(fields)) checkFields(field);
}

function timeOf(value: unknown): readonly [number, number] {
  const { value: frame, rate } = value as { value: number; rate: number };
  if (!Number.isInteger(frame) || !(rate > 0)) throw new Error(`no time: ${frame} at ${rate}`);
  return [frame, rate];
}

function rangeOf(value: unknown): readonly [number, number, number] {
  const { start_time, duration } = value as Otio;
  const [from, rate] = timeOf(start_time);
  return [from, timeOf(duration)[0], rate];
}

function childOf(child: Otio): ReadChild {
  const { OTIO_SCHEMA: schema, name } = child as { OTIO_SCHEMA: string; name: string };
  if (schema === 'Transition.1') {
    const range = [timeOf(child.in_offset)[0], timeOf(child.out_offset)[0]] as const;
    return { schema, name, range, available: null, markers: [] };
  }
  const [from, length, rate] = rangeOf(child.source_range);
  if (length <= 0) throw new Error(`${name} has no length`);
  const media = (child.media_references as Record<string, Otio> | undefined)?.[
    String(child.active_media_reference_key)
  ];
  const available = media ? rangeOf(media.available_range) : null;
  if (schema === 'Clip.2') {
    if (!available) throw new Error(`${name} has no media`);
    // Within half a frame: rates may differ.
    if ((from + length - 0.5) / rate > (available[0] + available[1]) / available[2])
      throw new Error(`${name} is too short`);
  }
  const markers = (child.markers as readonly Otio[]).map(
    (marker) => [String(marker.name), rangeOf(marker.marked_range)[0]] as const,
  );
  return { schema, name, range: [from, length], available, markers };
}

/** Checks that each transition is between two clips and stays within their frames. */
function checkTransitions(children: readonly ReadChild[]): void {
  for (const [index, { schema, range }] of children.entries()) {
    if (schema !== 'Transition.1') continue;
    const [before, after] = [children[index - 1], children[index + 1]];
    if (before?.schema !== 'Clip.2' || after?.schema !== 'Clip.2')
      throw new Error('a transition has no clip beside it');
    const [from, length] = before.range;
    const [, frames = 0] = before.available ?? [];
    if (before.available?.[2] === after.available?.[2] && from + length + range[1] > frames)
      throw new Error('a transition reaches beyond its clip');
    if (after.range[0] < range[0]) throw new Error('a transition begins before its clip');
  }
}
