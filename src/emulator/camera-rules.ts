/** Camera moves that can be shown on one flat picture. */
export type MoveName =
  | 'static'
  | 'push in'
  | 'pull back'
  | 'zoom in'
  | 'zoom out'
  | 'handheld'
  | 'orbit'
  | `${'pan' | 'track' | 'roll'} ${'left' | 'right'}`
  | `${'tilt' | 'crane'} ${'up' | 'down'}`;

/** Words between a verb and a direction: "pans very slowly to the left". */
const HOW =
  '(?:(?:very|so|slow|slowly|gently|softly|smoothly|steadily|gradually|subtly|slightly|quickly|quick|rapidly|fast|' +
  'sharply|swiftly|suddenly|straight|back|all the way|further|in one move) )*';
const SIDE =
  '(?:(?:from )?(?:the )?(?:left|right) to )?(?:to |toward |towards |across to )?' +
  '(?:(?:the|screen|frame|camera|stage) )*(?<side>left|right)\\b(?! (?:of|hand|foot|arm)\\b)';
const WAY = '(?<way>up|upward|upwards|down|downward|downwards)\\b';
const IN = '(?:in|into|inward|inwards|forward|forwards|closer|toward|towards|nearer)\\b';
const OUT = '(?:back|backward|backwards|out|outward|outwards|away)\\b';
/** The camera or the audience as the subject, and up to three words: "the camera then slowly". */
const CAMERA = '\\b(?:camera|cam|drone|steadicam|gimbal|we)(?: (?!and|is still)[a-z]+){0,3}? ';
/** No person of the story as the subject: people push and pull too. */
const NOT_SOMEBODY = '(?<!\\b(?:he|she|they|who|i|you|it|man|woman|boy|girl) (?:[a-z]+ly )?)';
/** No object: a person, not the camera, "pulls back the curtain". */
const NO_OBJECT = '(?! (?:his|her|their|the|a|an) )';
const GO =
  '(?:moves?|moving|glides?|gliding|creeps?|creeping|drifts?|drifting|travels?|travelling|traveling|flies|flying|' +
  'floats?|floating|eases?|slides?|sliding|comes|goes|follows?|following|swings?|sweeps?)';
/** Words alone between commas, as those of the field `camera` are. */
const alone = (words: string) => `(?<=^|[,.;:] )(?:${words})(?= ?[,.;:]|$)`;

/** Pattern for text in small letters without hyphens, and the move that it means. */
interface Rule {
  readonly words: RegExp;
  readonly move: (groups: Groups) => MoveName;
}

type Groups = Readonly<Record<string, string | undefined>>;

const TABLE: readonly (readonly [string, (groups: Groups) => MoveName])[] = [
  [`\\b(?:no|zero|without(?: any| a)?) camera (?:movements?|motion|moves?)\\b`, () => 'static'],
  [
    `\\bcamera (?:does not|doesn't|do not|don't|never|not|must not|should not|will not) (?:move|moves|moving)\\b`,
    () => 'static',
  ],
  [
    `\\b(?:static|stationary|locked(?: off| down)?|lock off|fixed|motionless|unmoving|still) (?:[a-z]+ ){0,2}?(?:camera|shot|frame|framing|angle|view|tripod|macro|close up|wide)\\b`,
    () => 'static',
  ],
  [
    `\\bcamera(?: (?:is|stays|remains|holds|keeps|held|perfectly|completely|absolutely|rather)){0,3} (?:static|stationary|locked|fixed|still|motionless)\\b`,
    () => 'static',
  ],
  [
    `\\block(?:ed)? (?:off|down)\\b|\\bon (?:a )?tripod\\b|\\bcamera holds\\b|\\bholds? the (?:frame|shot)\\b`,
    () => 'static',
  ],
  [alone('static|stationary|locked|fixed|still|no movement|no move|none'), () => 'static'],

  [`\\b(?:zoom(?:s|ing)?) ${HOW}${OUT}|\\bzoom out\\b`, () => 'zoom out'],
  [
    `\\b(?:zoom(?:s|ing)?) ${HOW}(?:${IN}|on\\b)|\\bcrash zoom\\b|\\bsnap zoom\\b|\\bdolly zoom\\b`,
    () => 'zoom in',
  ],

  [`\\bpan(?:s|ning|ned)? ${HOW}${SIDE}`, sideways('pan')],
  [`\\b(?<side>left|right)(?:ward)? pan\\b`, sideways('pan')],
  [`\\bpan(?:s|ning)? ${HOW}${WAY}`, upAndDown('tilt')],
  [`${NOT_SOMEBODY}\\btilt(?:s|ing|ed)? ${HOW}${WAY}`, upAndDown('tilt')],
  [`\\b(?<way>up|down)(?:ward)? tilt\\b`, upAndDown('tilt')],
  [`\\bcamera(?: [a-z]+){0,2} tilts?\\b`, () => 'tilt up'],
  [
    `\\b(?:track(?:s|ing)?|truck(?:s|ing)?|doll(?:y|ies|ying)|crab(?:s|bing)?|slid(?:e|es|ing)|travell?ing)(?: shot)? ${HOW}${SIDE}`,
    sideways('track'),
  ],
  [
    `\\b(?:lateral|sideways|camera) (?:slide|move|movement|drift|glide|track) ${HOW}${SIDE}`,
    sideways('track'),
  ],
  [
    `\\b(?:crane|cranes|craning|boom|booms|booming|jib|jibs|pedestal|pedestals)(?: shot)? ${HOW}${WAY}`,
    upAndDown('crane'),
  ],

  [`${NOT_SOMEBODY}\\bpush(?:es|ing)? (?:the camera )?${HOW}${IN}${NO_OBJECT}`, () => 'push in'],
  [
    `${NOT_SOMEBODY}\\bpush(?:es|ing)? (?:the camera )?${HOW}(?:toward|towards|into|closer to|in on|in to)\\b`,
    () => 'push in',
  ],
  [`${NOT_SOMEBODY}\\bpull(?:s|ing)? (?:the camera )?${HOW}${OUT}${NO_OBJECT}`, () => 'pull back'],
  [`\\b(?:doll(?:y|ies|ying)|track(?:s|ing)?|truck(?:s|ing)?)(?: shot)? ${HOW}${OUT}`, () => 'pull back'],
  [
    `\\b(?:doll(?:y|ies|ying)|track(?:s|ing)?|truck(?:s|ing)?|creep(?:s|ing)?)(?: shot)? ${HOW}${IN}`,
    () => 'push in',
  ],

  [
    `${CAMERA}(?:rotat(?:es?|ing)|rolls?|rolling|spins?|spinning|twists?) ${HOW}(?:counter ?clockwise|anti ?clockwise|left)\\b`,
    () => 'roll left',
  ],
  [
    `${CAMERA}(?:rotat(?:es?|ing)|rolls?|rolling|spins?|spinning|twists?)\\b|\\b(?:slow|gentle|camera|dutch|barrel) (?:rotation|roll)\\b`,
    () => 'roll right',
  ],
  [alone('rotation|roll|rotating'), () => 'roll right'],

  [`${CAMERA}(?:${GO}|pulls?) (?:[a-z]+ ){0,3}?${SIDE}`, sideways('track')],
  [`\\b(?:and|then) (?:drifts?|glides?|slides?|moves?) ${HOW}${SIDE}`, sideways('track')],
  [`${CAMERA}(?:rises?|rising|ascends?|lifts?|climbs?)\\b`, () => 'crane up'],
  [`${CAMERA}(?:descends?|descending|lowers?|sinks?|drops?)\\b`, () => 'crane down'],
  [`${CAMERA}${GO} (?:[a-z]+ ){0,3}?${WAY}`, upAndDown('crane')],
  [`${CAMERA}(?:${GO} ${HOW}${OUT}|retreats?|recedes?|backs (?:up|away|off))`, () => 'pull back'],
  [
    `${CAMERA}(?:${GO} ${HOW}${IN}|approach(?:es)?|advances?|closes in)|\\b(?:aerial|drone|camera|slow) drift in\\b`,
    () => 'push in',
  ],

  [
    `\\borbit(?:s|ing)?\\b(?= (?:around|shot|move|camera|left|right|the)|[,.]|$)|${CAMERA}(?:circles?|arcs?|arcing|circling)\\b|\\barc shot\\b`,
    () => 'orbit',
  ],
  [
    `\\bhand ?held\\b|\\bshaky (?:cam|camera)\\b|\\bcamera shakes?\\b|\\bshoulder (?:cam|mounted)\\b`,
    () => 'handheld',
  ],
  [
    `\\bpan(?:s|ning)? ${HOW}(?:across|over|along|around|from|to)\\b|\\b(?:slow|quick|fast|whip|swish|gentle|camera) pans?\\b|${CAMERA}pans?\\b`,
    () => 'pan right',
  ],
  [
    `\\btracking shot\\b|\\bfollow(?:ing)? shot\\b|${CAMERA}(?:tracks?|trucks?|follows?|tracking|following)\\b|\\b(?:slow|lateral|smooth|camera) (?:tracking|slide|track)\\b`,
    () => 'track right',
  ],
  [`\\b(?:crane|jib|boom) shot\\b|${CAMERA}(?:cranes|booms)\\b`, () => 'crane up'],
  [`\\bdolly shot\\b|\\b(?:slow|smooth|gentle|camera) (?:dolly|zoom|push)\\b`, () => 'push in'],
  // After a negation the word alone is enough, and the direction does not matter.
  [
    '(?<=\\b(?:no|nor|any|avoid) )(?:zoom(?:s|ing)?|pan(?:s|ning)?|tilt(?:s|ing)?|dolly|tracking)\\b',
    () => 'zoom in',
  ],
  [alone('pan|panning'), () => 'pan right'],
  [alone('tilt|tilting'), () => 'tilt up'],
  [alone('track|tracking|follow|trucking|truck|steadicam'), () => 'track right'],
  [alone('crane|jib|boom|pedestal'), () => 'crane up'],
  [alone('dolly|push|zoom'), () => 'push in'],
  [alone('pull'), () => 'pull back'],
];

/** Rules, the more specific first: of two overlapping matches the first counts. */
export const CAMERA_RULES: readonly Rule[] = TABLE.map(([words, move]) => ({
  words: new RegExp(words, 'g'),
  move,
}));

function sideways(verb: 'pan' | 'track') {
  return ({ side }: Groups): MoveName => `${verb} ${side === 'left' ? 'left' : 'right'}`;
}

function upAndDown(verb: 'tilt' | 'crane') {
  return ({ way }: Groups): MoveName => `${verb} ${way?.startsWith('down') ? 'down' : 'up'}`;
}
