import type { Socket } from 'node:net';

/** How an interim answer "100 Continue" begins, whichever minor version it says. */
const CONTINUE = /^HTTP\/1\.\d 100[ \r]/;
/** How much of it tells it from another answer. */
const TELLING = 'HTTP/1.1 100 '.length;
/** undici's own limit for the head of an answer, bytes. */
const LONGEST_HEAD = 16 * 1024;
const END_OF_HEAD = '\r\n\r\n';

/**
 * Hides each "100 Continue" that comes before the first answer on a connection from whoever reads the socket. A client
 * must take one even if it did not ask for it (RFC 9110, 15.2), as gateways send it; undici 7 hangs up instead, and
 * a submission that was accepted would be of unknown fate.
 */
export function skipContinue(socket: Socket): void {
  const read = socket.read.bind(socket);
  let pending: Buffer = Buffer.alloc(0);
  socket.read = (size?: number) => {
    const bytes: Buffer | null = read(size);
    if (bytes === null) return null;
    const rest = afterContinue(Buffer.concat([pending, bytes]));
    pending = rest.undecided;
    if (rest.answer === null) return null;
    socket.read = read;
    return rest.answer;
  };
}

/** Splits off the interim answers; `answer` is null as long as what follows them cannot be told. */
function afterContinue(bytes: Buffer): { undecided: Buffer; answer: Buffer | null } {
  let rest = bytes;
  for (;;) {
    const start = rest.subarray(0, TELLING).toString('latin1');
    const isContinue = CONTINUE.test(start);
    if (start.length === TELLING && !isContinue) return { undecided: Buffer.alloc(0), answer: rest };
    const end = isContinue ? rest.indexOf(END_OF_HEAD) : -1;
    if (end < 0 && rest.length > LONGEST_HEAD) return { undecided: Buffer.alloc(0), answer: rest };
    if (end < 0) return { undecided: rest, answer: null };
    rest = rest.subarray(end + END_OF_HEAD.length);
  }
}
