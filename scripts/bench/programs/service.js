// A minimal Model API in a process of its own, so that its cost is not counted as ours. All jobs run in parallel and take the
// time that they are told to; `GET /bench` answers with the calls and jobs so far.
//
//   node service.js '{"shortest": 0.7, "longest": 1.3, "clip": "/tmp/clip.mp4"}'     lengths in seconds
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';

/** @type {{ shortest: number, longest: number, clip: string }} */
const { shortest, longest, clip } = JSON.parse(process.argv[2] ?? '{}');

/** Step that spreads the jobs evenly over the range, in the same irregular order every time. */
const GOLDEN = 0.618033988749895;
/** Clips of this size and more are streamed, bytes. */
const SMALL = 1_000_000;

const { size } = statSync(clip);
const small = size < SMALL ? readFileSync(clip) : null;

/** Begin, end and first report of the end of each job, milliseconds. @type {{ began: number, done: number, told: number | null }[]} */
const jobs = [];
const counts = { submit: 0, ask: 0, download: 0 };
let lastDownload = 0;

const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  const { method, url = '' } = request;
  if (url === '/bench') return json(response, { counts, jobs, lastDownload });
  const [, id, page] = /^\/v1\/requests\/r-(\d+)\/(\w+)/.exec(url) ?? [];
  if (id !== undefined) return json(response, state(Number(id), page === 'result'));
  if (url.startsWith('/clips/')) return download(response);
  if (method !== 'POST') return json(response, { message: 'no such page' }, 404);
  request.resume().on('end', () => submit(response));
});

/** @param {import('node:http').ServerResponse} response */
function submit(response) {
  counts.submit += 1;
  const share = (jobs.length * GOLDEN) % 1;
  const began = Date.now();
  jobs.push({ began, done: began + 1000 * (shortest + (longest - shortest) * share), told: null });
  json(response, { request_id: `r-${jobs.length - 1}`, status: 'in_progress' });
}

/** @param {number} index @param {boolean} isResult */
function state(index, isResult) {
  counts.ask += 1;
  const job = jobs[index];
  const request_id = `r-${index}`;
  const now = Date.now();
  if (!job || now < job.done) return { request_id, status: 'in_progress' };
  job.told ??= now;
  const output = isResult ? { video: `${origin()}/clips/${index}.mp4` } : undefined;
  return { request_id, status: 'completed', output };
}

/** @param {import('node:http').ServerResponse} response */
function download(response) {
  counts.download += 1;
  lastDownload = Date.now();
  response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': size });
  if (small) response.end(small);
  else createReadStream(clip, { highWaterMark: 1 << 20 }).pipe(response);
}

/** @param {import('node:http').ServerResponse} response @param {unknown} body */
function json(response, body, status = 200) {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, headers).end(text);
}

function origin() {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

server.listen(0, '127.0.0.1', 4096, () => console.log(origin()));
