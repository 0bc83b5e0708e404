import { readFileSync } from 'node:fs';
import { isBlank } from '../fields/blank.js';
import type { FieldValues } from '../fields/field.js';
import { newestForm } from '../fields/migrations.js';
import { restPathOf } from '../fields/rest-path.js';
import { isObject } from '../runtime/message-values.js';
import type { BrokerEnvironment } from '../server/broker-environment.js';

/** A tpe-server of a flow file, as the file has it: `${X}` not replaced. */
export interface FlowServer {
  broker: BrokerEnvironment['kind'];
  host: string;
  port: string;
  /** Null where no webhooks come in. */
  webhookPath: string | null;
  /** Null where REST is not served. */
  restPath: string | null;
}

/** The servers that a flow starts. A flow that cannot be read is for Node-RED to complain about: it has none. */
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
