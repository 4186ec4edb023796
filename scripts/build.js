// Bundles `src/cli.ts` and `src/index.ts` into `dist/`, so that a command loads only what it uses, and puts the
// licences of what was bundled beside them.
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const dist = new URL('dist/', root);

/** What stays a package at run time: files to find on disk (fonts, ffmpeg), or too large to gain from bundling. */
const { dependencies, optionalDependencies } = JSON.parse(await read('package.json'));
const external = Object.keys({ ...dependencies, ...optionalDependencies });

await rm(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints: ['src/cli.ts', 'src/index.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  // Beside the entries, so that a file finds the package's root the same way wherever it was bundled to.
  chunkNames: '[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external,
  // The same code as ES modules: half the size once what nobody calls is left out.
  alias: { yaml: './node_modules/yaml/browser/dist/index.js' },
  define: { 'Intl.Segmenter': 'LazySegmenter' },
  inject: ['scripts/lazy-segmenter.js'],
  minifySyntax: true,
  // Names are kept, so that the stack of a bug report can be read.
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // Commander is CommonJS and asks for Node's own modules with `require`, which ES modules do not have.
  banner: { js: 'const require = process.getBuiltinModule;' },
});
await makeExecutable();
await writeFile(new URL('THIRD-PARTY-LICENSES.txt', dist), await licences());

async function makeExecutable() {
  const cli = new URL('cli.js', dist);
  const code = await readFile(cli, 'utf8');
  const shebang = '#!/usr/bin/env node\n';
  await writeFile(cli, code.startsWith('#!') ? code : shebang + code);
  await chmod(cli, 0o755);
}

/** Name, version and licence of every package of which a line is in `dist/`. */
async function licences() {
  const folders = new Set([...bundledFiles(), ...(await generatedFiles())].map(packageFolder));
  const texts = [...folders]
    .filter((folder) => folder !== null)
    .sort()
    .map(licenceOf);
  return `Shotlist's bundle contains code of these packages.\n\n${(await Promise.all(texts)).join('\n')}`;
}

function bundledFiles() {
  return Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
}

/** The generated validators are bundles themselves; esbuild names the origin of each part in a comment. */
async function generatedFiles() {
  const folder = new URL('src/generated/', root);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  const codes = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return codes.flatMap((code) =>
    [...code.matchAll(/^\/\/ (node_modules\/.+)$/gm)].map((match) => match[1] ?? ''),
  );
}

/**
 * The innermost package a file belongs to: `node_modules/a/node_modules/@b/c/x.js` is `…/@b/c`'s.
 * @param {string} file
 */
function packageFolder(file) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? null;
}

/** @param {string} folder */
async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await read(`${folder}/package.json`));
  const files = await readdir(new URL(`${folder}/`, root));
  const file = files.find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text = file === undefined ? `Licence: ${license}` : (await read(`${folder}/${file}`)).trim();
  return `${'-'.repeat(80)}\n${name} ${version}\n\n${text}\n`;
}

/** @param {string} path relative to the repository */
function read(path) {
  return readFile(new URL(path, root), 'utf8');
}
