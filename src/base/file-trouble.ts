const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'there is no permission to write there',
  EPERM: 'there is no permission to write there',
  EROFS: 'the file system is read-only',
  // Node's answer to a folder that cannot be made on a read-only file system.
  ENOENT: 'the folder cannot be made there; perhaps the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'there is a file of that name',
};

/** Why a file could not be written, as the end of a sentence; the system's own words where we have no better. */
export function whyNotWritten(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.message;
}

/** Whether what another program said last, such as ffmpeg, is that the disk is full: ENOSPC and EDQUOT in the C library's words. */
export function saysFull(message: string): boolean {
  return /No space left|quota exceeded/i.test(message);
}

/** Whether the file system refused, as against our having a bug. */
export function isFileTrouble(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error && 'syscall' in error;
}
