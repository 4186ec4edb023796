import type { PageData, PageServer } from '../page-data.js';
import { Review } from './review.js';
import { Server } from './server.js';

/** Reads a value that the page was written with. */
function embedded<Value>(id: string): Value {
  return JSON.parse(document.getElementById(id)?.textContent ?? 'null') as Value;
}

const data = embedded<PageData>('data');
const paths = embedded<PageServer | null>('server');
new Review(data, paths && new Server(paths, data)).open();
