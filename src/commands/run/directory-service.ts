import { Exit } from '../../base/exit.js';
import { serviceWords } from '../../run/messages.js';
import type { Failure } from '../console.js';
import type { OpenedProvider } from '../service/local-provider.js';
import { openProvider } from '../service/provider.js';
import { shownPath } from '../shown-path.js';

/**
 * Opens the service that a run directory belongs to: the environment's, which has to be the same, or for a rehearsal the
 * emulator with the state that it has there.
 */
export async function openServiceOf(
  name: string,
  options: {
    /** Absolute path of the run directory. */
    readonly directory: string;
    readonly env: NodeJS.ProcessEnv;
    readonly notice: (message: string) => void;
    readonly onPause?: (seconds: number) => void;
    readonly rests?: boolean;
  },
): Promise<OpenedProvider | Failure> {
  const { directory } = options;
  const provider = name === 'local' ? 'local' : 'runcomfy';
  const opened = await openProvider({ ...options, provider, listFolder: directory });
  if ('exit' in opened || opened.name === name) return opened;
  await opened.close();
  return {
    exit: Exit.usage,
    message: `${shownPath(directory)} belongs to ${serviceWords(name)}, and RUNCOMFY_MODEL_API_BASE names ${opened.name}`,
    hint: 'set RUNCOMFY_MODEL_API_BASE to what it was for the run, or unset it',
  };
}
