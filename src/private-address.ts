import type { BlockList } from 'node:net';

/** Loaded, and the ranges made, where there is an address to look at: that takes as long as to plan ten shots. */
const net = () => process.getBuiltinModule('node:net');
let privateRanges: BlockList | undefined;

/** Whether a host is an IP address; one of version 6 without its brackets. */
export function isAddress(host: string): boolean {
  return net().isIP(host) !== 0;
}

/** Whether an IP address leads to this machine or into a private network, where the service cannot reach. */
export function isPrivateAddress(address: string): boolean {
  privateRanges ??= listPrivateRanges();
  return privateRanges.check(address, net().isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Loopback, private, link-local and carrier-grade ranges (RFC 6890). */
function listPrivateRanges(): BlockList {
  const ranges = new (net().BlockList)();
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
