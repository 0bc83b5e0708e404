import { readFileSync } from 'node:fs';
import type { BrokerEnvironment } from '../broker-environment.js';
import { isObject } from '../message-values.js';

/** A tpe-server of a flow file, as the file has it: `${X}` not replaced. */
export interface FlowServer {
  broker: BrokerEnvironment['kind'];
  host: string;
  port: string;
  takesWebhooks: boolean;
}

/** The servers that a flow starts. A flow that cannot be read is for Node-RED to complain about: it has none. */
export function serversIn(flowFile: string, environment: BrokerEnvironment): FlowServer[] {
  try {
    const nodes: unknown = JSON.parse(readFileSync(flowFile, 'utf8'));
    if (!Array.isArray(nodes)) return [];
    return nodes
      .filter(isObject)
      .filter((node) => node.type === 'tpe-server' && node.d !== true)
      .map((node) => serverOf(node, environment));
  } catch {
    return [];
  }
}

function serverOf(node: Record<string, unknown>, environment: BrokerEnvironment): FlowServer {
  const isAuto = node.broker === 'auto';
  const broker = isAuto ? environment.kind : kindOf(node.broker);
  const events = isAuto ? environment.events : node.events || environment.events;
  return {
    broker,
    host: String(node.host ?? ''),
    port: String(node.port ?? ''),
    takesWebhooks: broker === 'emqx' && events === 'webhook',
  };
}

function kindOf(broker: unknown): FlowServer['broker'] {
  return broker === 'mqtt' || broker === 'emqx' ? broker : 'embedded';
}
