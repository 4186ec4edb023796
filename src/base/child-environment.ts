/** Variables that hold a secret of ours; what helpers such as ffmpeg and git print or pass on is not in our hands. */
const SECRETS: ReadonlySet<string> = new Set(['RUNCOMFY_API_TOKEN', 'RUNCOMFY_TOKEN', 'SHOTLIST_NOTIFY_URL']);

/** An environment as a child process may have it: all but what holds a secret. Names are compared as Windows does. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.has(name.toUpperCase())));
}
