import { BlockList, isIP } from 'node:net';

/** Made for the first address, because a list of ten shots is checked in little more time. */
let privateRanges: BlockList | undefined;

/** Whether an IP address leads to this machine or into a private network, where the service cannot reach. */
export function isPrivateAddress(address: string): boolean {
  privateRanges ??= listPrivateRanges();
  return privateRanges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Loopback, private, link-local and carrier-grade ranges (RFC 6890). */
function listPrivateRanges(): BlockList {
  const ranges = new BlockList();
  for (const [net, prefix] of [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
  ] as const) {
    ranges.addSubnet(net, prefix);
  }
  ranges.addAddress('::1', 'ipv6');
  ranges.addSubnet('fc00::', 7, 'ipv6');
  ranges.addSubnet('fe80::', 10, 'ipv6');
  return ranges;
}
