/** A page that shows a file, and how to reach the file itself. */
export interface SharePage {
  /** Name of the service, such as `Google Drive`. */
  readonly of: string;
  /** Address of the file itself; null if there is none that needs no login. */
  readonly direct: string | null;
}

/** A service that shares files by pages. */
interface Service {
  readonly of: string;
  /** Tested with host, path and query, such as `drive.google.com/open?id=1`; the parts of `direct` are its groups. */
  readonly page: RegExp;
  readonly direct?: (parts: readonly string[], url: URL) => string;
}

/** The same address with a parameter of its query set. */
function withParameter(url: URL, name: string, value: string): string {
  const changed = new URL(url);
  changed.searchParams.delete('dl');
  changed.searchParams.set(name, value);
  return changed.href;
}

/** Services that people copy links from, in the forms of 2026. */
const SERVICES: readonly Service[] = [
  {
    of: 'Google Drive',
    page: /^drive\.google\.com\/(?:file\/(?:u\/\d+\/)?d\/([\w-]+)|(?:u\/\d+\/)?open\?.*\bid=([\w-]+))/,
    direct: ([, inPath, inQuery]) => `https://drive.google.com/uc?export=download&id=${inPath ?? inQuery}`,
  },
  {
    of: 'Google Drive',
    page: /^(?:drive|docs)\.google\.com\/(?!uc\b|thumbnail\b|drawings\/.*\/(?:export|pub)\b)/,
  },
  { of: 'Google Photos', page: /^(?:photos\.google\.com|photos\.app\.goo\.gl)\// },
  {
    of: 'Google Images',
    page: /^(?:www\.)?google\.[a-z.]+\/(?:imgres|url)\?/,
    direct: (_, { searchParams }) =>
      searchParams.get('imgurl') ?? searchParams.get('url') ?? searchParams.get('q') ?? '',
  },
  {
    of: 'Dropbox',
    page: /^(?:www\.)?dropbox\.com\/(?:s|sh|scl|t)\/(?!raw\/|dl\/|.*[?&](?:dl|raw)=1(?:&|$))/,
    direct: (_, url) => withParameter(url, 'raw', '1'),
  },
  { of: 'Dropbox', page: /^(?:www\.)?dropbox\.com\/(?:home|preview|work|personal)\b/ },
  {
    of: 'GitHub',
    page: /^(?:www\.)?github\.com\/([^/]+\/[^/]+)\/blob\/([^?]+)(?!.*\?(?:.*&)?raw=(?:true|1))(?:\?|$)/,
    direct: ([, repository, file]) => `https://raw.githubusercontent.com/${repository}/${file}`,
  },
  {
    of: 'GitHub',
    page: /^gist\.github\.com\/([^/]+\/\w+)\/?(?:\?|$)/,
    direct: ([, gist]) => `https://gist.githubusercontent.com/${gist}/raw`,
  },
  {
    of: 'GitLab',
    page: /^([^/]*gitlab[^/]*\/.+)\/-\/blob\/([^?]+)/,
    direct: ([, project, file]) => `https://${project}/-/raw/${file}`,
  },
  {
    of: 'Bitbucket',
    page: /^bitbucket\.org\/([^/]+\/[^/]+)\/src\/([^?]+)/,
    direct: ([, repository, file]) => `https://bitbucket.org/${repository}/raw/${file}`,
  },
  {
    of: 'Codeberg',
    page: /^codeberg\.org\/([^/]+\/[^/]+)\/src\/([^?]+)/,
    direct: ([, repository, file]) => `https://codeberg.org/${repository}/raw/${file}`,
  },
  {
    of: 'Hugging Face',
    page: /^(?:huggingface\.co|hf\.co)\/(.+)\/blob\/([^?]+)/,
    direct: ([, repository, file]) => `https://huggingface.co/${repository}/resolve/${file}`,
  },
  { of: 'Notion', page: /^(?:(?:www|app)\.)?notion\.(?:so|com)\/|^[^/]+\.notion\.site\/(?!signed\/)/ },
  { of: 'OneDrive', page: /^(?:1drv\.ms|onedrive\.live\.com|photos\.onedrive\.com)\// },
  {
    of: 'SharePoint',
    page: /^[^/]+\.sharepoint\.com\/:[a-z]:\/(?!.*[?&]download=1)/,
    direct: (_, url) => withParameter(url, 'download', '1'),
  },
  { of: 'iCloud', page: /^(?:share\.icloud\.com|(?:www\.)?icloud\.com)\// },
  {
    of: 'Box',
    page: /^([^/]*\bbox\.com)\/s\/(\w+)\/?(?:\?|$)/,
    direct: ([, host, id]) => `https://${host}/shared/static/${id}.png`,
  },
  { of: 'Box', page: /^[^/]*\bapp\.box\.com\/(?!shared\/static\/)/ },
  { of: 'Figma', page: /^(?:www\.)?figma\.com\/(?:file|design|proto|board|slides|community)\// },
  { of: 'WeTransfer', page: /^(?:we\.tl|(?:www\.)?wetransfer\.com)\// },
  { of: 'MEGA', page: /^mega\.(?:nz|io|co\.nz)\// },
  { of: 'MediaFire', page: /^(?:www\.)?mediafire\.com\/(?:file|view|folder)\// },
  { of: 'Canva', page: /^(?:www\.)?canva\.com\/(?:design|folder)\// },
  { of: 'Miro', page: /^(?:www\.)?miro\.com\/app\// },
  { of: 'Milanote', page: /^(?:app\.)?milanote\.com\// },
  { of: 'Adobe', page: /^(?:adobe\.ly|(?:assets|express|acrobat|xd|lightroom|new\.express)\.adobe\.com)\// },
  { of: 'Frame.io', page: /^(?:f\.io|(?:app|next)\.frame\.io)\// },
  { of: 'Slack', page: /^(?:slack-files\.com|[^/]+\.slack\.com)\/(?!.*[?&]pub_secret=)/ },
  { of: 'Discord', page: /^(?:(?:ptb|canary)\.)?discord\.com\/channels\// },
  { of: 'Trello', page: /^trello\.com\/(?:b|c)\// },
  {
    of: 'Imgur',
    page: /^(?:www\.|m\.)?imgur\.com\/(\w{5,8})(?:\?|$)/,
    direct: ([, id]) => `https://i.imgur.com/${id}.png`,
  },
  { of: 'Imgur', page: /^(?:www\.|m\.)?imgur\.com\/(?:a|gallery|t)\// },
  { of: 'Flickr', page: /^(?:www\.)?flickr\.com\/photos\/|^flic\.kr\// },
  { of: 'Pinterest', page: /^(?:[a-z]+\.)?pinterest\.[a-z.]+\/pin\/|^pin\.it\// },
  { of: 'Instagram', page: /^(?:www\.)?instagram\.com\/(?:p|reel)\// },
  { of: 'Unsplash', page: /^unsplash\.com\/photos\/(?![^?]+\/download)/ },
  { of: 'Pexels', page: /^(?:www\.)?pexels\.com\/(?:[a-z-]+\/)?(?:photo|video)\// },
  { of: 'Midjourney', page: /^(?:www\.)?midjourney\.com\/(?:jobs|app)\b/ },
  { of: 'YouTube', page: /^(?:(?:www|m)\.)?youtube\.com\/|^youtu\.be\// },
  { of: 'Vimeo', page: /^(?:www\.)?vimeo\.com\// },
  {
    of: 'Wikimedia Commons',
    page: /^(?:commons|[a-z]+)\.(?:m\.)?(?:wikimedia|wikipedia)\.org\/wiki\/(?:File|Datei|Fichier):([^?]+)/i,
    direct: ([, file]) => `https://commons.wikimedia.org/wiki/Special:FilePath/${file}`,
  },
];

/** The service whose page a URL leads to, instead of to a file; undefined for other URLs. */
export function sharePage(url: URL): SharePage | undefined {
  const address = `${url.hostname}${url.pathname}${url.search}`;
  for (const { of, page, direct } of SERVICES) {
    const parts = page.exec(address);
    if (!parts) continue;
    const file = direct?.(parts, url) ?? '';
    return { of, direct: file.startsWith('https://') && URL.canParse(file) ? file : null };
  }
  return undefined;
}

/** Time at which a signed link runs out, milliseconds; null if its text does not say. */
export function endOfLink(url: URL): number | null {
  const query = new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  const get = (name: string) => query.get(name) ?? '';
  for (const by of ['x-amz', 'x-goog', 'x-oss', 'x-tos', 'x-obs']) {
    // AWS, Google Cloud and stores with the same signatures: a beginning, and seconds.
    const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(get(`${by}-date`)) ?? [];
    const seconds = get(`${by}-expires`);
    if (date === undefined || time === undefined || !/^\d{1,9}$/.test(seconds)) continue;
    const start = Date.parse(
      `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`,
    );
    return Number.isNaN(start) ? null : start + Number(seconds) * 1000;
  }
  // Azure: a date, with a time or without.
  if (query.has('sig') && query.has('se')) return dateOf(get('se'));
  // Discord, and the hosts of Facebook and Instagram: hexadecimal seconds.
  const hexadecimal = HEXADECIMAL.find(([host]) => host.test(url.hostname));
  if (hexadecimal) return epochOf(String(Number.parseInt(get(hexadecimal[1]), 16)));
  // S3, Google Cloud and CloudFront, OSS, Notion, and content networks.
  const named = ENDS.find((name) => query.has(name));
  if (named !== undefined) return epochOf(get(named));
  const policy = query.get('policy');
  if (policy !== undefined && query.has('signature')) return endOfPolicy(policy);
  // A JSON Web Token, as Supabase has it.
  const [, payload] = /^ey[\w-]+\.(ey[\w-]+)\.[\w-]+$/.exec(get('token')) ?? [];
  const end = /"exp"\s*:\s*(\d+)/.exec(Buffer.from(payload ?? '', 'base64url').toString('latin1'))?.[1];
  return end === undefined ? null : epochOf(end);
}

const HEXADECIMAL = [
  [/^(?:cdn\.discordapp\.com|media\.discordapp\.net)$/, 'ex'],
  [/\.(?:fbcdn\.net|cdninstagram\.com)$/, 'oe'],
] as const;

/** Parameters with the epoch at which a link runs out, in lower case. */
const ENDS = ['expires', 'expirationtimestamp', 'expiration', 'expiry', 'exp', 'x-expires'] as const;

/** Seconds or milliseconds of the epoch, as milliseconds; null for other texts. */
function epochOf(text: string): number | null {
  if (!/^\d{9,13}$/.test(text)) return null;
  return text.length > 11 ? Number(text) : Number(text) * 1000;
}

function dateOf(text: string): number | null {
  const at = Date.parse(/T.*[^Z]$/.test(text) && !/[+-]\d\d:?\d\d$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(at) ? null : at;
}

/** End of a link of CloudFront with a policy, which is JSON in a Base64 of its own. */
function endOfPolicy(policy: string): number | null {
  const base64 = policy.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  const end = /"AWS:EpochTime"\s*:\s*(\d+)/.exec(Buffer.from(base64, 'base64').toString('latin1'))?.[1];
  return end === undefined ? null : epochOf(end);
}
