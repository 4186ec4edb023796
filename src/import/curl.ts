/** A request that a `curl` command makes, or a `runcomfy run` of RunComfy's own command line. */
export interface CurlRequest {
  readonly url: string;
  /** Body as it is sent, or the name of the file that holds it; null if the command sends none. */
  readonly data: { readonly text: string } | { readonly file: string } | null;
  /** Name in the comment line above the command, such as `cliff` of `# cliff: kling-3.0/pro`; null for none. */
  readonly name: string | null;
}

/** Beginning of a command: of a line, after the sign of a prompt, or behind another command, where words of a prompt may be too. */
const CURL =
  /^[ \t]*(?:[$%>][ \t]+)?(?:curl(?:\.exe)?|runcomfy run)[ \t]|(?:&&|;|\|)[ \t]*curl(?:\.exe)?[ \t]+(?=-|["']?https?:)/gim;

/** True if a text has a `curl` command in it. */
export function hasCurl(text: string): boolean {
  return text.search(CURL) >= 0;
}

/**
 * The requests of the `curl` commands in a text: a terminal's history, a script or a page of documentation. Reads the
 * quotes of POSIX shells, `$'…'` of bash, here-documents, and the carets of Windows; nothing is executed.
 */
export function curlRequests(text: string): readonly CurlRequest[] {
  const source = fromWindows(text);
  const requests: CurlRequest[] = [];
  let end = 0;
  for (const found of source.matchAll(CURL)) {
    if (found.index < end) continue;
    const command = new Command(source, found.index + found[0].length);
    end = command.end;
    requests.push({
      ...requestOf(command),
      name: nameAbove(source.slice(Math.max(0, found.index - LONGEST_LINE), found.index)),
    });
  }
  return requests;
}

/** Text without the carets with which Windows escapes characters and breaks lines. */
function fromWindows(text: string): string {
  // Firefox and Chrome write `^"` for each quote, and a line break in a text as `^` and two breaks.
  if (text.includes('^"'))
    return text
      .replace(/\^\r?\n\r?\n/g, '\\n')
      .replace(/\^\r?\n/g, ' ')
      .replace(/\^(.)/g, '$1');
  return text.replace(/ \^[ \t]*\r?\n/g, ' ');
}

/** Longest comment line above a command, characters. Our choice. */
const LONGEST_LINE = 400;

function nameAbove(before: string): string | null {
  return /(?:^|\n)#[ \t]*([A-Za-z0-9_.-]{1,150})(?::[^\n]*)?\r?\n$/.exec(before)?.[1] ?? null;
}

/** Words of one command, and its here-document. */
class Command {
  readonly words: string[] = [];
  /** Text that the command reads as its input; null for none. */
  input: string | null = null;
  end: number;
  readonly #text: string;
  #at: number;

  constructor(text: string, from: number) {
    this.#text = text;
    this.#at = from;
    this.#read();
    this.end = this.#at;
  }

  #read(): void {
    let word: string | null = null;
    const close = () => {
      if (word !== null) this.words.push(word);
      word = null;
    };
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at, this.#at + 4);
      // A backslash of POSIX shells, or a backtick of PowerShell, at the end of a line.
      const continued = /^[\\`]\r?\n/.exec(rest)?.[0];
      if (continued !== undefined) this.#at += continued.length;
      else if (/^[\n;|&)]/.test(rest)) break;
      else if (/^\s/.test(rest)) {
        close();
        this.#at += 1;
      } else if (rest.startsWith('<<')) {
        close();
        this.#hereDocument();
        return;
      } else word = (word ?? '') + this.#part();
    }
    close();
  }

  /** Next piece of a word: a quoted text, an escape, a substitution or one character. */
  #part(): string {
    const text = this.#text;
    const sign = text[this.#at] as string;
    if (sign === "'") return this.#singleQuoted();
    if (text.startsWith("$'", this.#at)) {
      const [whole = "$'", inner = ''] = /^\$'((?:[^'\\]|\\[\s\S])*)'?/.exec(text.slice(this.#at)) ?? [];
      this.#at += whole.length;
      return ansi(inner);
    }
    if (sign === '"') {
      this.#at += 1;
      return this.#doubleQuoted();
    }
    if (text.startsWith('$(', this.#at)) return this.#substitution();
    this.#at += sign === '\\' ? 2 : 1;
    return sign === '\\' ? text.charAt(this.#at - 1) : sign;
  }

  #singleQuoted(): string {
    const text = this.#text;
    const from = this.#at + 1;
    // Pages print bodies between single quotes as they are, with the apostrophes of their prompts.
    const body = /^\s*[[{]/.test(text.slice(from, from + 80)) ? jsonWithApostrophes(text, from) : null;
    const closing = text.indexOf("'", from);
    const end = body ?? (closing < 0 ? text.length : closing);
    this.#at = end + 1;
    return text.slice(from, end);
  }

  #doubleQuoted(): string {
    let inner = '';
    while (this.#at < this.#text.length) {
      const [sign, next] = [this.#text[this.#at] as string, this.#text[this.#at + 1] ?? ''];
      if (sign === '"') {
        this.#at += 1;
        break;
      }
      if (this.#text.startsWith('$(', this.#at)) inner += this.#substitution();
      else if (sign === '\\' && /["\\$`\n]/.test(next)) {
        inner += next === '\n' ? '' : next;
        this.#at += 2;
      } else {
        inner += sign;
        this.#at += 1;
      }
    }
    return inner;
  }

  /** A `$(base64 < file)` as `$(base64 file)`, without quotes; any other substitution as it is written. */
  #substitution(): string {
    const [whole = '$('] = /^\$\((?:[^()'"]|'[^']*'|"[^"]*")*\)?/.exec(this.#text.slice(this.#at)) ?? [];
    this.#at += whole.length;
    return plainSubstitution(whole);
  }

  #hereDocument(): void {
    const [line = '', dash, quote, word = ''] = /^<<(-?)[ \t]*(['"]?)([\w.-]+)\2[^\n]*\n?/.exec(
      this.#text.slice(this.#at),
    ) ?? ['<<'];
    this.#at += line.length;
    const lines: string[] = [];
    for (;;) {
      const end = this.#text.indexOf('\n', this.#at);
      const next = this.#text.slice(this.#at, end < 0 ? undefined : end).replace(/\r$/, '');
      this.#at = end < 0 ? this.#text.length : end + 1;
      if ((dash ? next.trimStart() : next) === word) break;
      lines.push(next);
      if (this.#at >= this.#text.length) break;
    }
    const body = lines.join('\n');
    this.input = quote
      ? body
      : body.replace(
          /\\([\\$`])|\\\n|\$\((?:[^()'"]|'[^']*'|"[^"]*")*\)/g,
          (match, sign?: string) => sign ?? (match.startsWith('$(') ? plainSubstitution(match) : ''),
        );
  }
}

/**
 * Index of the quote after a JSON value that has apostrophes in it, which a shell would take for the end of the text; null
 * if they are written as a shell needs them, or if there are none.
 */
function jsonWithApostrophes(text: string, from: number): number | null {
  let depth = 0;
  for (const { 0: token, index } of text.slice(from).matchAll(/"(?:[^"\\]|\\[\s\S])*"|[[\]{}]/g)) {
    if (token.startsWith('"')) continue;
    depth += token === '{' || token === '[' ? 1 : -1;
    if (depth > 0) continue;
    const body = text.slice(from, from + index + 1);
    const [after] = /^\s*'/.exec(text.slice(from + index + 1)) ?? [];
    const isShells = !body.includes("'") || /'\\''|'"'"'|'"?\$[({A-Za-z]/.test(body);
    return after === undefined || isShells ? null : from + index + after.length;
  }
  return null;
}

function plainSubstitution(written: string): string {
  const [, direct, after] =
    /^\$\(\s*base64\b(?:[^<|)]*<\s*('[^']*'|"[^"]*"|[^\s|)]+)|(?:\s+-\S+(?:\s+\d+)?)*\s+('[^']*'|"[^"]*"|[^\s|)-][^\s|)]*))/.exec(
      written,
    ) ?? [];
  const file = direct ?? after;
  return file === undefined
    ? written
    : `$(base64 ${file.replace(/^['"]|['"]$/g, '').replace(/["\\]/g, String.raw`\$&`)})`;
}

/** Text of `$'…'`, by the rules of bash. */
function ansi(text: string): string {
  const letters: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    b: '\b',
    f: '\f',
    a: '\x07',
    e: '\x1b',
    v: '\v',
  };
  return text.replace(
    /\\(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|x([0-9a-fA-F]{1,2})|([0-7]{1,3})|([\s\S]))/g,
    (_, u, long, hex, octal, sign) => {
      const code = u ?? long ?? hex;
      if (code !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff));
      return octal === undefined ? (letters[sign] ?? sign) : String.fromCharCode(Number.parseInt(octal, 8));
    },
  );
}

/** Options whose value is the body; `--input` is RunComfy's. */
const DATA = /^--(?:data|data-raw|data-binary|data-ascii|json|input)$/;

/** An address, also one that begins with a variable or without its scheme; RunComfy's command line has the model alone. */
const ADDRESS = /^(?:https?:\/\/|kling\/|\$\{?\w+\}?\/|[\w-]+(?:\.[\w-]+)+\/)/i;

function requestOf({ words, input }: Command): Omit<CurlRequest, 'name'> {
  const data: string[] = [];
  const urls: string[] = [];
  const rest = words.values();
  for (const word of rest) {
    const [option, value = () => rest.next().value ?? ''] = optionOf(word);
    if (option === '--url') urls.unshift(value());
    else if (option === '-d' || DATA.test(option))
      data.push(`${option === '--data-raw' ? '' : '@'}${value()}`);
    else if (ADDRESS.test(word)) urls.push(word);
  }
  const [url = ''] = urls;
  const file = data.find((each) => each.startsWith('@@'))?.slice(2);
  if (file === '-') return { url, data: input === null ? null : { text: input } };
  if (file !== undefined) return { url, data: { file } };
  return {
    url,
    data: data.length === 0 ? null : { text: data.map((each) => each.replace(/^@/, '')).join('') },
  };
}

/** The option in a word, and its value if the word has it too: `--data={}`, `-sd{}`. */
function optionOf(word: string): readonly [option: string, value?: () => string] {
  const [, long, value] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
  if (long !== undefined) return [long, () => value ?? ''];
  const [, glued] = /^-[a-ce-zA-Z]*d(.*)$/s.exec(word) ?? [];
  if (glued === undefined) return [word];
  return glued === '' ? ['-d'] : ['-d', () => glued];
}
