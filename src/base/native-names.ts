/**
 * Meaning of a name from another vocabulary: the field of a shot with the same meaning, or the reason why there is none and
 * what people do instead.
 */
export type Meaning =
  | { readonly field: ShotName }
  | { readonly why: string; readonly instead: (value: unknown) => string };

/** Field of a shot that another vocabulary may have a name for. */
export type ShotName =
  | 'id'
  | 'scene'
  | 'model'
  | 'prompt'
  | 'camera'
  | 'look'
  | 'start_image'
  | 'end_image'
  | 'duration'
  | 'segments'
  | 'audio'
  | 'elements'
  | 'negative_prompt'
  | 'cfg_scale'
  | 'shot_type'
  | 'takes'
  | 'use'
  | 'transition'
  | 'retries'
  | 'notes';

const PICTURE = '(?:image|img|frame|picture|pic|photo|still|keyframe)s?';
const IMAGE = `${PICTURE}(?: ${PICTURE})?`;
const END = '(?:end|ending|last|final|tail|closing|stop)';
const START = '(?:start|starting|first|init|initial|input|source|begin|opening|base|main|head|prompt|board)';
const FORM = '(?: (?:url|uri|path|file|src|link|base ?64|b64|data|input))*';

/** Names of secrets. */
const SECRET = /\b(?:api|access|secret|auth|authorization|bearer|token|password)\b(?! count)/;

/** Names of a chain to another shot. */
export const CHAIN =
  /^(?:last frame of|continues?|continue from|chain(?:ed)?(?: to)?|depends on|follows|extend from)$/;

/** Instead of a name without meaning here: words for a value that is not said again. */
const takeOut = (rest: string) => () => `take it out; ${rest}`;

/**
 * Names in the words of Kling's own API, RunComfy's pages and skill, fal, Replicate, Runway and ComfyUI (2026), the most exact
 * pattern first. A pattern is matched against the words of the name: `startImageUrl` and `start_image_url` are `start image url`.
 */
const MEANINGS: readonly (readonly [RegExp, ShotName | Exclude<Meaning, { field: ShotName }>])[] = [
  [
    SECRET,
    { why: 'a list holds no token', instead: takeOut('`shotlist login` stores the token for this user') },
  ],
  [CHAIN, 'start_image'],
  [/^(?:negative|neg)\b/, 'negative_prompt'],
  [
    /\bmasks?\b|\bmotion brush\b|\btrajector(?:y|ies)\b|\bcontrol ?nets?\b|\bdepth\b|\bpose\b/,
    {
      why: 'these models take no masks and no maps',
      instead: takeOut('say in the prompt what moves and what keeps still'),
    },
  ],
  [new RegExp(`^${END} ${IMAGE}${FORM}$|^${IMAGE} ${END}${FORM}$|^end$`), 'end_image'],
  [
    /^(?:num|number of|n|total|max)? ?frames?(?: count| num| number)?$(?<!^frame)/,
    {
      why: 'the length is in seconds',
      instead: (value) =>
        typeof value === 'number' && value >= 24
          ? `write \`duration: ${Math.max(1, Math.round(value / 24))}\` (${value} frames at 24 a second)`
          : 'write `duration:` and whole seconds',
    },
  ],
  [
    /\bfps\b|\bframe ?rates?\b|\bframes per second\b/,
    {
      why: 'the service decides the frame rate',
      instead: takeOut('the edit decides the frame rate of the film'),
    },
  ],
  [
    /\b(?:webhooks?|callbacks?|notify|notification)\b/,
    {
      why: 'the service has no webhooks',
      instead: takeOut('`shotlist run --notify <url>` posts the end of a run'),
    },
  ],
  [
    /\b(?:voices?|tts|lip ?sync|speaker)\b/,
    {
      why: 'these models take no voice by its name',
      instead: takeOut('write in the prompt who speaks, how, and the words in quotes, with `audio: true`'),
    },
  ],
  [
    /^(?:dialogue|dialog|speech|lines?|narration|subtitles?|captions)$/,
    {
      why: 'speech is a part of the prompt',
      instead: () =>
        'write it there, with the words in quotes, such as `Anna says: "Wait."`, and `audio: true`',
    },
  ],
  [
    /^(?:lighting|light|mood|atmosphere|environment|setting|location|background|weather|time of day|colou?rs?|palette)$/,
    {
      why: 'the prompt says it',
      instead: () => 'write it in the `prompt`, or for all shots in the `look` of the list',
    },
  ],
  [
    /^(?:audio|sound|music|speech|bgm|song)\b.*\b(?:url|file|path|clip|track|list|id|data|input)\b/,
    {
      why: 'these models take no recorded sound',
      instead: takeOut(
        '`audio: true` lets the model make sound, `shotlist assemble --music` lays music under the film',
      ),
    },
  ],
  [/\b(?:audio|sound|sounds|sfx|foley|music|mute)\b/, 'audio'],
  [/^(?:multi ?|list of )?shot ?types?$/, 'shot_type'],
  [
    /\bmulti ?(?:prompts?|shots?)\b|\bprompts? (?:segments?|list|array|schedule)\b|^(?:prompts|segment|beats?|storyboard|sub ?shots?|cuts)$/,
    'segments',
  ],
  [
    /\b(?:enhanc\w*|optimi[sz]\w*|expan\w*|extend|rewrit\w*|upsampl\w*|improve)\b.*\bprompts?\b|\bprompts?\b.*\b(?:enhanc\w*|optimi[sz]\w*|expan\w*|extend|rewrit\w*|upsampl\w*|strength|weight)\b/,
    {
      why: 'the prompt is sent as it is written',
      instead: takeOut('`shotlist plan --prompts` shows the text'),
    },
  ],
  [
    /\bcamera (?:control|controls|fixed|lock(?:ed)?|trajectory|config|path)\b|\bcamera (?:movement|motion|move|type)\b|^camera\b|^(?:pan|tilt|zoom|dolly|roll|truck|pedestal|movement|motion|move|camera move)$/,
    'camera',
  ],
  [/^(?:shot )?(?:size|framing)$(?<!^size)|^(?:camera )?(?:angle|lens)$|^focal length$/, 'camera'],
  [/\bcfg\b|\bguidance\b/, 'cfg_scale'],
  [
    /\bseeds?\b/,
    {
      why: 'these models take no seed, and no render can be repeated exactly',
      instead: takeOut('`takes: 3` renders the shot three times to choose from'),
    },
  ],
  [
    /\b(?:resolution|quality|width|height|dimensions?|hd|4k|1080p|720p|upscal\w*|megapixels?)\b|^(?:image |video |output )?size$/,
    {
      why: 'the model decides the size of the picture',
      instead: takeOut('for 4K write `model: kling-3.0/4k`, which costs more'),
    },
  ],
  [
    /\b(?:aspect|ratio|orientation)\b/,
    {
      why: 'the start image decides the shape of the video',
      instead: (value) =>
        `take it out; \`aspect: ${typeof value === 'string' && /^\d+(?:\.\d+)?:\d+$/.test(value) ? value : '16:9'}\` at the top of the list warns of boards of another shape`,
    },
  ],
  [
    /^(?:mode|tier|professional|pro|std|speed)(?: mode)?$/,
    {
      why: 'the name of the model says it',
      instead: (value) =>
        value === 'std' || value === 'standard'
          ? 'write `model: kling-3.0/standard`'
          : value === 'pro' || value === 'professional'
            ? 'write `model: kling-3.0/pro`'
            : 'write `model:`; `shotlist models` lists the names with their prices',
    },
  ],
  [
    /\b(?:watermarks?|logo)\b/,
    {
      why: 'the service decides about a watermark',
      instead: takeOut('look at a clip before you render all of them'),
    },
  ],
  [
    /\b(?:steps?|sampler|scheduler|denoise|denoising|loras?|strength|shift|inference|motion bucket|noise|clip skip|checkpoint|vae|eta|intensity|temperature|acceleration)\b/,
    {
      why: 'these models have no settings of a sampler',
      instead: takeOut('`cfg_scale` says how closely the prompt is followed'),
    },
  ],
  [
    /\b(?:safety|moderation|nsfw|content filter|person generation)\b/,
    {
      why: 'the service decides what it refuses',
      instead: takeOut('a refusal is shown with the words of the service'),
    },
  ],
  [
    /\bloop\b/,
    {
      why: 'these models have no loop',
      instead: takeOut('an `end_image` that is the start image ends the clip where it begins'),
    },
  ],
  [
    /\b(?:effects?|concepts?|template|filter)\b/,
    { why: 'these models have no effects by name', instead: takeOut('describe the effect in the prompt') },
  ],
  [
    /\b(?:output format|format|codec|container|sync mode|sync|stream|priority|queue|timeout|cache|user|metadata|logs)\b/,
    {
      why: 'nothing of the kind is sent',
      instead: takeOut('`shotlist run --help` shows what a run can be told'),
    },
  ],
  [
    /^(?:n|count|samples?|num|variations?|versions|batch(?: size| count)?)$|\b(?:num|number|n|batch)\b.*\b(?:videos?|outputs?|samples?|generations?|variations?|results?|images?)\b|^(?:samples?|videos?|outputs?) count$/,
    'takes',
  ],
  [/^(?:kling )?elements?\b|\b(?:subjects?|characters?|cast|references?|refer|ref)\b/, 'elements'],
  [
    /^(?:images|image (?:list|urls|uris|inputs?)|input images|list of images|image urls list)$/,
    {
      why: 'each image has a field of its own',
      instead: () =>
        'write the first as `start_image`, the last as `end_image`, and pictures of a subject as `elements`',
    },
  ],
  [
    new RegExp(`^(?:${START} )?${IMAGE}${FORM}$|^${IMAGE} (?:${START})${FORM}$|^(?:start|board)$`),
    'start_image',
  ],
  [
    /\bvideos?\b(?! length| duration| seconds)/,
    {
      why: 'a shot begins with an image, not with a video',
      instead: () =>
        'to go on from another shot write `start_image: { last_frame_of: its-id }`; a video of a subject is the `video` of an element',
    },
  ],
  [
    /^(?:video |clip |shot )?(?:length|seconds?|secs?|dur|duration|time|runtime)(?: (?:s|secs?|seconds|in seconds|ms))?$/,
    'duration',
  ],
  [/^(?:base |ai )?model(?: (?:name|id|version|slug|key))?$|^(?:endpoint|engine|version)(?: id)?$/, 'model'],
  [/^(?:(?:external|shot|task|request|job|clip) )*(?:id|name|number|no|slug|label)$/, 'id'],
  [/^(?:style|style preset|visual style|aesthetic|grade)$/, 'look'],
  [/^(?:fade|dissolve|crossfade|cross fade)$/, 'transition'],
  [/^(?:trim|range|in out)$/, 'use'],
  [/^(?:max )?(?:retry|retries|attempts)$/, 'retries'],
  [/^(?:comments?|note|remarks?|todo|title)$/, 'notes'],
  [/^(?:sequence|sc)$/, 'scene'],
  [
    /^(?:text|positive|main|video|motion|shot)? ?(?:prompt|prompt text|text|description|action|caption|script)$|^what happens$|^positive$/,
    'prompt',
  ],
];

/** Longest name that is looked up, characters. A longer one is a text in the wrong place. */
const LONGEST_NAME = 80;

/** Meaning of a name that is no field of a shot; undefined for a name that no vocabulary we know of has. */
export function meaningOf(name: string): Meaning | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const words = wordsOf(name);
  const found = MEANINGS.find(([pattern]) => pattern.test(words))?.[1];
  return typeof found === 'string' ? { field: found } : found;
}

/** Field of a shot that a name means; undefined if it means none. */
export function fieldMeant(name: string): ShotName | undefined {
  const meaning = meaningOf(name);
  return meaning && 'field' in meaning ? meaning.field : undefined;
}

/** True for the name of a token or another secret, whose value is written nowhere. */
export function isSecret(name: string): boolean {
  return SECRET.test(wordsOf(name));
}

/** The words of a name, in lower case: `startImageUrl`, `start-image-url` and `START_IMAGE_URL` are `start image url`. */
export function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** Field of an element that a name of another vocabulary means; undefined for none. */
export function elementField(name: string): 'frontal_image' | 'reference_images' | 'video' | undefined {
  const words = wordsOf(name);
  if (/\b(?:types?|kind|weight|strength|ids?)\b/.test(words)) return undefined;
  if (/\b(?:videos?|motion|clip)\b/.test(words)) return 'video';
  if (
    /\b(?:refer\w*|refs?|others?|sides?|views?|angles?|additional|images|pictures|photos|urls)\b/.test(words)
  )
    return 'reference_images';
  return /\b(?:front\w*|image|img|face|portrait|picture|photo|main|path|file|src|url|source)\b/.test(words)
    ? 'frontal_image'
    : undefined;
}

/** True for a request for the API, or for a list of them: a prompt or an image, and nothing of a shot list. */
export function isRequest(value: unknown): boolean {
  if (typeof value === 'string') return /^\s*(?:\$ *)?(?:curl(?:\.exe)?|runcomfy run)\s/.test(value);
  if (Array.isArray(value))
    return value.length > 0 && value.every((one) => typeof one !== 'string' && isRequest(one));
  if (typeof value !== 'object' || value === null) return false;
  if ('shots' in value || 'version' in value || 'boards' in value) return false;
  return Object.entries(value).some(([name, part]) => {
    if (typeof part === 'object' && !Array.isArray(part))
      return WRAPPERS.has(wordsOf(name)) && isRequest(part);
    const field = fieldMeant(name);
    return name === 'start_image' || (field !== undefined && SENT_ALWAYS.has(field));
  });
}

/** Fields that every request has one of. */
const SENT_ALWAYS: ReadonlySet<ShotName> = new Set(['prompt', 'start_image', 'segments']);

/** Names under which clients put the body of a request. */
export const WRAPPERS: ReadonlySet<string> = new Set([
  'input',
  'inputs',
  'body',
  'data',
  'json',
  'payload',
  'arguments',
  'args',
  'params',
  'parameters',
  'request',
]);
