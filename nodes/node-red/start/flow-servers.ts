import { readFileSync } from 'node:fs';
import { isBlank } from '../fields/blank.js';
import type { FieldValues } from '../fields/field.js';
import { newestForm } from '../fields/migrations.js';
import { restPathOf } from '../fields/rest-path.js';
import { isObject } from '../runtime/message-values.js';
import type { BrokerEnvironment } from '../server/broker-environment.js';

/** A tpe-server in a flow file. `${X}` in its fields is not replaced. */
export interface FlowServer {
  broker: BrokerEnvironment['kind'];
  host: string;
  port: string;
  /** Null if the server does not receive webhooks. */
  webhookPath: string | null;
  /** Null if the server does not serve REST. */
  restPath: string | null;
}

/** The tpe-servers that a flow starts. The list is empty if the flow cannot be read, which Node-RED reports itself. */
export function serversIn(flowFile: string, environment: BrokerEnvironment): FlowServer[] {
  try {
    const nodes: unknown = JSON.parse(readFileSync(flowFile, 'utf8'));
    if (!Array.isArray(nodes)) return [];
    return nodes
      .filter(isObject)
      .filter((node) => node.type === 'tpe-server' && node.d !== true)
      .map((node) => serverOf(newestForm('tpe-server', node) ?? node, environment));
  } catch {
    return [];
  }
}

function serverOf(node: FieldValues, environment: BrokerEnvironment): FlowServer {
  const isAuto = node.broker === 'auto';
  const broker = isAuto ? environment.kind : kindOf(node.broker);
  const events = isAuto ? environment.events : isBlank(node.events) ? environment.events : node.events;
  const takesWebhooks = broker === 'emqx' && events === 'webhook';
  const path = isAuto || isBlank(node.webhookPath) ? environment.webhookPath : String(node.webhookPath);
  return {
    broker,
    host: String(node.host ?? ''),
    port: String(node.port ?? ''),
    webhookPath: takesWebhooks ? path : null,
    restPath: restPathOf(node),
  };
}

function kindOf(broker: unknown): FlowServer['broker'] {
  return broker === 'mqtt' || broker === 'emqx' ? broker : 'embedded';
}
