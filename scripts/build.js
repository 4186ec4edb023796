// Bundles the command line (`src/cli.ts`) and the program interface (`src/index.ts`) into `dist/`, with the licences of the
// bundled packages beside them. Chunks that both use, or that one command needs, become files of their own.
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const dist = new URL('dist/', root);

// Types are another program's output. `npm pack` makes them before it calls this.
const old = await readdir(dist).catch(() => []);
for (const name of old.filter((name) => name !== 'types')) await rm(new URL(name, dist), { recursive: true });
const { metafile } = await build({
  absWorkingDir: fileURLToPath(root),
  // The program has a name of its own for end-to-end tests that need no process.
  entryPoints: { cli: 'src/cli.ts', index: 'src/index.ts', program: 'src/cli/program.ts' },
  outdir: 'dist',
  bundle: true,
  external: await runtimePackages(),
  format: 'esm',
  splitting: true,
  platform: 'node',
  target: 'node20',
  // Bundled CommonJS packages call `require` for Node's own modules.
  banner: {
    js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
  },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
await chmod(new URL('cli.js', dist), 0o755);
await writeFile(new URL('THIRD-PARTY-LICENSES.txt', dist), await licences());

/** Packages that are not bundled, because their files are looked up on disk: the font and ffmpeg. */
async function runtimePackages() {
  const { dependencies, optionalDependencies } = JSON.parse(await read('package.json'));
  return Object.keys({ ...dependencies, ...optionalDependencies });
}

/** Name, version and licence of every package that has a line in `dist/`. */
async function licences() {
  const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set([...bundled, ...(await filesOfValidators())].map(packageFolder));
  const texts = [...folders]
    .filter((folder) => folder !== null)
    .sort()
    .map(licenceOf);
  return `Shotlist's bundle contains code of these packages.\n\n${(await Promise.all(texts)).join('\n')}`;
}

/** Package files inside the generated validators, which are bundles themselves: esbuild names each file in a comment. */
async function filesOfValidators() {
  const folder = new URL('src/generated/', root);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  const codes = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return codes.flatMap((code) =>
    [...code.matchAll(/^\/\/ (node_modules\/.+)$/gm)].map((match) => match[1] ?? ''),
  );
}

/**
 * The innermost package that a file belongs to: `node_modules/a/node_modules/@b/c/x.js` is `…/@b/c`'s.
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
  // MPL 2.0 (3.2) requires a bundle to say where the source is.
  return `${'-'.repeat(80)}\n${name} ${version}\nhttps://www.npmjs.com/package/${name}/v/${version}\n\n${text}\n`;
}

/** @param {string} path relative to the repository */
function read(path) {
  return readFile(new URL(path, root), 'utf8');
}
