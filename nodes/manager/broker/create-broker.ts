import type { BrokerOptions } from '../broker/options.js';
import type { Broker } from './broker.js';
import type { BrokerDependencies } from './dependencies.js';
import { createEmbeddedBroker } from './embedded/embedded-broker.js';
import { createEmqxBroker } from './emqx/emqx-broker.js';
import { createMqttBroker } from './mqtt/mqtt-broker.js';

/** Creates the kind of broker that the options name. It does nothing until `open`. */
export function createBroker(options: BrokerOptions, dependencies: BrokerDependencies): Broker {
  if (options.kind === 'embedded') return createEmbeddedBroker(options, dependencies);
  if (options.kind === 'mqtt') return createMqttBroker(options, dependencies);
  return createEmqxBroker(options, dependencies);
}
