// Bundles `src/index.ts` and `src/cli.ts` into `dist/`, so that a command loads only what it uses, and puts the licences of
// what was bundled beside them. Programs import ES modules (.js); the CLI is CommonJS (.cjs), which Node begins faster.
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = new URL('../', import.meta.url);
const dist = new URL('dist/', root);

/** What stays a package at run time: files to find on disk (fonts, ffmpeg), or code that has to be CommonJS (undici). */
const { dependencies, optionalDependencies } = JSON.parse(await read('package.json'));
const external = Object.keys({ ...dependencies, ...optionalDependencies });

/** @satisfies {import('esbuild').TransformOptions} */
const code = {
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  // Names are kept, so that the stack of a bug report can be read.
  minifyWhitespace: true,
  legalComments: 'none',
};
/** @satisfies {import('esbuild').BuildOptions} */
const bundle = {
  ...code,
  absWorkingDir: fileURLToPath(root),
  outdir: 'dist',
  // Beside the entries, so that a file finds the package's root the same way wherever it was bundled to.
  chunkNames: '[name]-[hash]',
  bundle: true,
  external,
  // The same code as ES modules: half the size once what nobody calls is left out.
  alias: { yaml: './node_modules/yaml/browser/dist/index.js' },
  define: { 'Intl.Segmenter': 'LazySegmenter' },
  inject: ['scripts/lazy-segmenter.js'],
  metafile: true,
  logLevel: 'warning',
};
/**
 * Commander loads what starts other programs, which takes 2 ms, for subcommands that are programs of their own. None of ours is.
 * @satisfies {import('esbuild').Plugin}
 */
const startsNoPrograms = {
  name: 'commander-starts-no-programs',
  setup({ onResolve, onLoad }) {
    const filter = /^node:child_process$/;
    onResolve({ filter }, ({ path, importer }) =>
      /node_modules.commander/.test(importer) ? { path, namespace: 'empty' } : undefined,
    );
    onLoad({ filter, namespace: 'empty' }, () => ({ contents: '' }));
  },
};
const ofCommonJs = { 'import.meta.url': '__filename', 'import.meta.dirname': '__dirname' };

await rm(dist, { recursive: true, force: true });
const built = [await buildLibrary(), await buildProgram()];
built.push(await buildCli(entryOf(built[1])));
await writeFile(new URL('THIRD-PARTY-LICENSES.txt', dist), await licences());

function buildLibrary() {
  return build({
    ...bundle,
    entryPoints: ['src/index.ts'],
    format: 'esm',
    splitting: true,
    // What is CommonJS asks for Node's own modules with `require`, which ES modules do not have.
    banner: { js: 'const require = process.getBuiltinModule;' },
  });
}

/** esbuild splits ES modules alone: each file is made CommonJS after that. */
async function buildProgram() {
  const result = await build({
    ...bundle,
    entryPoints: ['src/cli/program.ts'],
    plugins: [startsNoPrograms],
    entryNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.cjs' },
    write: false,
  });
  for (const { path, text } of result.outputFiles) {
    const { code: commonJs } = await transform(text, {
      ...code,
      format: 'cjs',
      define: ofCommonJs,
      supported: { 'dynamic-import': false },
    });
    await writeFile(path, commonJs);
  }
  return result;
}

/** The way in, which is all that `--version` loads. @param {string} program */
async function buildCli(program) {
  const result = await build({
    ...bundle,
    entryPoints: ['src/cli.ts'],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { ...ofCommonJs, PROGRAM: JSON.stringify(program) },
    banner: { js: '#!/usr/bin/env node' },
  });
  await chmod(new URL('cli.cjs', dist), 0o755);
  // The name that it had; a link of `npm link` may still lead there.
  await writeFile(new URL('cli.js', dist), "#!/usr/bin/env node\nimport './cli.cjs';\n", { mode: 0o755 });
  return result;
}

/** @param {import('esbuild').BuildResult<{ metafile: true }>} result */
function entryOf({ metafile }) {
  const [path = ''] =
    Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === 'src/cli/program.ts') ?? [];
  return basename(path);
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
  const outputs = built.flatMap(({ metafile }) => Object.values(metafile.outputs));
  return outputs.flatMap((output) => Object.keys(output.inputs));
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
  // Whoever has the bundle has to be told where the source is (MPL 2.0, 3.2).
  return `${'-'.repeat(80)}\n${name} ${version}\nhttps://www.npmjs.com/package/${name}/v/${version}\n\n${text}\n`;
}

/** @param {string} path relative to the repository */
function read(path) {
  return readFile(new URL(path, root), 'utf8');
}
