import { setFlagsFromString } from 'node:v8';

/**
 * Has this process give memory back sooner, until `letHeapGrow`: a run waits for hours beside other programs, and what Node
 * takes in advance for a burst of work is twice what it uses. Both are read by V8 at each collection, and may be set at any
 * time (`heap_growing_percent` and `semi_space_growth_factor` in its `src/heap`). While it waits they cost no time; to read
 * and plan 10,000 shots would take a third longer.
 */
export function keepHeapSmall(): void {
  // Collected once it is a third larger than what was in use, not up to four times as large.
  setFlagsFromString('--heap-growing-percent=33');
  // What is new stays where it begins, in a megabyte, instead of growing to sixteen.
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** As V8 has it: compiled code that is kept is good only under the flags under which it was kept. */
export function letHeapGrow(): void {
  setFlagsFromString('--heap-growing-percent=0');
  setFlagsFromString('--semi-space-growth-factor=2');
}
