/** A form in which `npm install` takes a package, and what makes such a package the same one on every day. */
interface PackageForm {
  readonly form: RegExp;
  readonly pinned: RegExp;
  /** Reason and way out for a package of this form that is not pinned. */
  readonly problem: (spec: string) => PackageProblem;
}

/** Reason why a package is refused, and what to name in its place. */
export interface PackageProblem {
  readonly message: string;
  readonly hint: string;
}

const VERSION = String.raw`v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?`;
/** A full name of a commit: SHA-1 or SHA-256. */
const COMMIT = '(?:[0-9a-f]{40}|[0-9a-f]{64})';

/** The forms as npm tells them apart (https://docs.npmjs.com/cli/v10/using-npm/package-spec); the first that fits counts. */
const FORMS: readonly PackageForm[] = [
  {
    // A path. Without `./` npm takes it for a repository on GitHub. A tarball in the repository is as pinned as the workflow.
    form: /^(?:file:|[./~]|[A-Za-z]:[\\/])/,
    pinned: /^(?:file:(?:\.\/)?|\.\/)(?!.*(?:^|\/)\.\.\/)[^./~].*\.(?:tgz|tar\.gz)$/,
    problem: (spec) => ({
      message: `${spec} is not a tarball in the repository, which is all that the machine of a workflow has`,
      hint: 'commit what `npm pack` makes, and name it from the top, such as ./vendor/shotlist-1.4.0.tgz',
    }),
  },
  {
    form: /^(?:git\+)?https?:\/\/[^/]*@|^[a-z+]+:\/\/[^/@]*:[^/@]*@/,
    pinned: /(?!)/,
    problem: () => ({
      message: 'the address of the package has a name or password in it, and workflows are committed',
      hint: 'leave it out: npm reads it from its own settings, which docs/ci.md shows',
    }),
  },
  {
    form: /^(?:git\+)?http:/,
    pinned: /(?!)/,
    problem: (spec) => ({
      message: `${spec} could be changed on its way`,
      hint: 'name an address that begins with https',
    }),
  },
  {
    // A git repository, by address or by its name on GitHub. Nothing is asked of a server: a tag counts by its form.
    form: /^(?:git[+:@]|ssh:|(?:github|gitlab|bitbucket|gist):)|^[^@:#/]+\/[^@:#/]+(?:#|$)|^https:[^#]*\.git(?:#|$)|^https:\/\/(?:github\.com|gitlab\.com|bitbucket\.org)(?:\/[^/#]+){2}\/?(?:#|$)/,
    pinned: new RegExp(`#(?:${COMMIT}|(?:semver:|[\\w-]+[@-])?${VERSION})$`),
    problem: (spec) =>
      notPinned(spec, `name a tag such as ${spec.replace(/#.*/, '')}#v1.4.0, or all digits of a commit`),
  },
  {
    form: /^https:/,
    pinned: new RegExp(`(?:^|[^0-9])${VERSION}|(?:^|[^0-9a-f])${COMMIT}(?![0-9a-f])`),
    problem: (spec) =>
      notPinned(spec, 'name an address with a version, such as https://example.com/shotlist-1.4.0.tgz'),
  },
  {
    form: /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~][\w.~-]*(?:@|$)/,
    pinned: new RegExp(`.@${VERSION}$`),
    problem: (spec) => notPinned(spec, `name one version, such as ${spec.replace(/(.)@.*/, '$1')}@1.4.0`),
  },
];

function notPinned(spec: string, hint: string): PackageProblem {
  return { message: `${spec} is not pinned: tomorrow it may be another program`, hint };
}

/**
 * Problem of a package that a workflow is to install; null if it is pinned: an exact version, a full commit, a tag or an address with
 * a version in it, or a tarball in the repository.
 */
export function packageProblem(spec: string): PackageProblem | null {
  // The name is written where YAML, a shell and GitHub's expressions read it.
  const isPlain = /^[\w@./~+:#%?&=^<>*|-]+$/.test(spec);
  const found = isPlain ? FORMS.find(({ form }) => form.test(spec)) : undefined;
  if (!found) {
    const message = `${spec} is not a package that npm installs`;
    const hint =
      'name one such as @studio/shotlist@1.4.0, github:studio/shotlist#v1.4.0 or ./vendor/shotlist-1.4.0.tgz';
    return { message, hint };
  }
  return found.pinned.test(spec) ? null : found.problem(spec);
}
