// A simple client without journal, manifest and checks: N jobs at a time, each polled every two seconds.
//
//   node plain-client.js '{"origin": "http://127.0.0.1:1234", "jobs": 1000, "concurrency": 100, "to": "/tmp/clips"}'
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** @type {{ origin: string, jobs: number, concurrency: number, to: string }} */
const { origin, jobs, concurrency, to } = JSON.parse(process.argv[2] ?? '{}');
const headers = { authorization: 'Bearer bench-token-0000', 'content-type': 'application/json' };
const EVERY_MS = 2_000;

let next = 0;
await Promise.all(
  Array.from({ length: concurrency }, async () => {
    while (next < jobs) {
      next += 1;
      await render(next);
    }
  }),
);

/** @param {number} number */
async function render(number) {
  const body = JSON.stringify({
    prompt: `The camera pushes in on shot ${number}`,
    start_image_url: 'https://example.com/board.png',
    duration: 5,
    generate_audio: false,
  });
  const model = 'kling/kling-3.0/standard/image-to-video';
  const submitted = await fetch(`${origin}/v1/models/${model}`, { method: 'POST', headers, body });
  const { request_id } = await submitted.json();
  for (;;) {
    await sleep(EVERY_MS);
    const asked = await fetch(`${origin}/v1/requests/${request_id}/status`, { headers });
    if ((await asked.json()).status === 'completed') break;
  }
  const result = await fetch(`${origin}/v1/requests/${request_id}/result`, { headers });
  const { output } = await result.json();
  const clip = await fetch(output.video);
  await writeFile(`${to}/${number}.mp4`, Buffer.from(await clip.arrayBuffer()));
}
