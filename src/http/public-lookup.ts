import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPrivateAddress } from '../base/addresses.js';

/** A public name that stands for an address in a private network. */
class PrivateAddressError extends Error {
  readonly code = 'private-address';
}

/**
 * Looks up a name as usual, and fails where it leads into a private network: a shot list, or a redirect, must not
 * make this machine ask its neighbours.
 */
export const publicLookup: LookupFunction = (hostname, options, found) => {
  lookup(hostname, options, (error, addresses, family) => {
    const all = typeof addresses === 'string' ? [{ address: addresses }] : (addresses ?? []);
    const isPrivate = !error && all.some(({ address }) => isPrivateAddress(address));
    found(isPrivate ? new PrivateAddressError('a private address') : error, addresses, family);
  });
};
