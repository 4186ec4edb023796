import { BlockList, isIP, isIPv6 } from 'node:net';

/** Loopback, private, link-local and carrier-grade ranges (RFC 6890). */
const privateRanges = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateRanges.addSubnet(network, prefix);
}
privateRanges.addAddress('::1', 'ipv6');
privateRanges.addSubnet('fc00::', 7, 'ipv6');
privateRanges.addSubnet('fe80::', 10, 'ipv6');

/** True if a host is an IP address; version 6 is written without brackets. */
export function isAddress(host: string): boolean {
  return isIP(host) !== 0;
}

/** True if an IP address belongs to this machine or to a private network, which the service cannot reach. */
export function isPrivateAddress(address: string): boolean {
  return privateRanges.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** True if the host name of a URL can be one that everybody reaches. */
export function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (isAddress(host)) return !isPrivateAddress(host);
  return host.includes('.') && !/\.(?:localhost|local|internal)$/.test(host);
}

/** True if the host name of a URL is this machine. */
export function isLoopback(hostname: string): boolean {
  // The URL parser has already turned every spelling of an IPv4 address into four decimal numbers.
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
