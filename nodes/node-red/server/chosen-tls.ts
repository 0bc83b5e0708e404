import type { Node, NodeAPI } from 'node-red';
import type { ClientTls } from '../../manager/broker/client-tls.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isBlank } from '../fields/blank.js';

/** The part of Node-RED's node tls-config that is used here. */
interface TlsConfigNode extends Node {
  valid?: boolean;
  addTLSOptions(options: object): ClientTls;
}

/**
 * Returns the TLS options of the tls-config with this id; undefined if the id is blank. `label` names the field in errors. Throws
 * INVALID_INPUT if the tls-config is missing, is disabled, or could not read its files.
 */
export function chosenTls(RED: NodeAPI, id: string | undefined, label: string): ClientTls | undefined {
  if (isBlank(id)) return undefined;
  const node = RED.nodes.getNode(String(id)) as TlsConfigNode | null;
  if (node === null || typeof node.addTLSOptions !== 'function') {
    throw fault(label, 'the selected TLS configuration is missing or disabled: select another one');
  }
  if (node.valid === false) {
    throw fault(
      label,
      `the TLS configuration ${JSON.stringify(node.name || node.id)} could not read its files`,
    );
  }
  const { ca, cert, key, passphrase, servername, rejectUnauthorized, ALPNProtocols } = node.addTLSOptions({});
  return { ca, cert, key, passphrase, servername, rejectUnauthorized, ALPNProtocols };
}

function fault(label: string, what: string): TpeError {
  return new TpeError('INVALID_INPUT', `TPE server, ${label}: ${what}.`, { field: 'tls' });
}
