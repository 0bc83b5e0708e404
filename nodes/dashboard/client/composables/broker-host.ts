/** A name by which a machine reaches only itself, or which is none. */
const OWN = /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1?\]?|)$/i;

/**
 * The name by which gateways reach a broker on the server's own machine: that by which this page was opened, in a browser elsewhere. `told` is
 * what the server knows of a broker on another machine. Null where only somebody at the server can say.
 */
export function brokerHost(told: string | null, opened: string = location.hostname): string | null {
  return told ?? (OWN.test(opened) ? null : opened.replace(/^\[|\]$/g, ''));
}
