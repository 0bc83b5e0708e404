import { defineReasons } from '../shared/reason.js';

/** Why a broker did not take a message for a gateway. They follow "Not sent:". */
export const publishReason = defineReasons({
  'no-topic-of-one-gateway': '"{topic}" is no topic of one gateway',
  'embedded-broker-not-running': 'the embedded MQTT broker is not running',
  'gateway-does-not-read': 'the gateway does not read what it is sent',
  'mqtt-broker-away': 'the MQTT broker is away ({words})',
  'mqtt-broker-refuses': 'the MQTT broker refuses it: {words}',
  'mqtt-broker-does-not-acknowledge': 'the MQTT broker did not acknowledge it in time',
  'mqtt-connection-lost': 'the connection was lost before the MQTT broker acknowledged it',
  'mqtt-messages-wait': '{count} messages wait for the MQTT broker already',
  'mqtt-message-too-large':
    'it has {bytes} bytes, and the MQTT broker takes {most} at most: make it smaller, or raise the largest packet size of the broker',
  'emqx-not-started': 'the connection to EMQX is not started',
  'emqx-refuses': 'EMQX refuses it: {words}',
  'emqx-splits-topic':
    'EMQX 4 cannot publish on {topic}: it splits topics at a comma. Give the gateway a client id without one, or send commands by MQTT',
  'emqx-does-not-deliver': 'EMQX could not deliver it: {words}',
  'emqx-gives-no-reason': 'no reason given',
});
