/** Variables that hold a secret. Programs such as ffmpeg and git could print them or pass them on. */
const SECRETS: ReadonlySet<string> = new Set(['RUNCOMFY_API_TOKEN', 'RUNCOMFY_TOKEN', 'SHOTLIST_NOTIFY_URL']);

/** Environment for a child process, without secrets. Names are compared without letter case, as on Windows. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.has(name.toUpperCase())));
}
