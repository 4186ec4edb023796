import { describe, expect, it } from 'vitest';
import { curlRequests, hasCurl } from '../../src/import/curl.js';

const URL = 'https://model-api.runcomfy.net/v1/models/kling/kling-3.0/pro/image-to-video';
const BODY = { prompt: `It's a "test" of $5`, image: 'x' };
const JSON_BODY = JSON.stringify(BODY);
const QUOTED = `'${JSON_BODY.replaceAll("'", String.raw`'\''`)}'`;

/** Body of the only command in a text. */
function bodyOf(text: string): unknown {
  const [request, ...others] = curlRequests(text);
  expect(others).toEqual([]);
  expect(request?.url).toBe(URL);
  return request?.data && 'text' in request.data ? JSON.parse(request.data.text) : request?.data;
}

describe('the reader of curl commands', () => {
  it.each([
    [
      'the form of the documents',
      `curl --request POST \\\n  --url ${URL} \\\n  --header "A: B" \\\n  --data ${QUOTED}\n`,
    ],
    [
      'the sign of a prompt and short options',
      `$ curl -sSX POST ${URL} -H "Authorization: Bearer $T" -d${QUOTED} | jq .`,
    ],
    [
      'an apostrophe in single quotes, as pages print it',
      `curl --url ${URL} \\\n  --data '${JSON_BODY}'\nNext words of the page`,
    ],
    ['double quotes', `curl ${URL} --json "${JSON_BODY.replace(/["\\$]/g, String.raw`\$&`)}"`],
    ['$’…’ of bash', `curl '${URL}' --data-raw $'${JSON_BODY.replace(/[\\']/g, String.raw`\$&`)}'`],
    ['a here-document in quotes', `curl ${URL} --data @- <<'END'\n${JSON_BODY}\nEND\necho done`],
    [
      'a here-document without quotes',
      `curl ${URL} -d @- <<END\n${JSON_BODY.replace(/[\\$`]/g, String.raw`\$&`)}\nEND\n`,
    ],
    ['backticks of PowerShell', `curl.exe ${URL} \`\n --data ${QUOTED}`],
    [
      'carets of Windows',
      `curl "${URL}" ^\r\n  --data-raw "${JSON_BODY.replace(/["\\]/g, String.raw`\$&`)}"\r\n`,
    ],
    [
      'carets of a browser on Windows',
      `curl ^"${URL}^" ^\r\n  --data-raw ^"${JSON_BODY.replace(/["\\]/g, String.raw`\$&`).replace(/["\\$&]/g, '^$&')}^"\r\n`,
    ],
  ])('reads a body written with %s', (_, text) => {
    expect(bodyOf(text)).toEqual(BODY);
  });

  it('reads each of several commands on one line, and takes no word of a prompt for a command', () => {
    const other = URL.replace('pro', '4k');
    const text = `curl ${URL} -d '{"prompt":"Smoke; curl it | curl up"}' && curl -d ${QUOTED} ${other}`;
    expect(curlRequests(text).map(({ url }) => url)).toEqual([URL, other]);
    expect(hasCurl(JSON.stringify({ prompt: 'Leaves; curl and fall' }))).toBe(false);
  });

  it('reads the names of a file, of the shot above the command, and of local images', () => {
    const text = `# beach: kling-3.0/pro, 5 s
curl ${URL} -d @body.json
curl ${URL} -d '{"image":"data:image/png;base64,'"$(base64 < 'a b.png' | tr -d '\\n')"'"}'
curl ${URL}/status`;
    expect(curlRequests(text)).toEqual([
      { url: URL, data: { file: 'body.json' }, name: 'beach' },
      { url: URL, data: { text: '{"image":"data:image/png;base64,$(base64 a b.png)"}' }, name: null },
      { url: `${URL}/status`, data: null, name: null },
    ]);
  });
});
