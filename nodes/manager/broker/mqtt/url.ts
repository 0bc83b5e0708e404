import { CONTROL_CHARACTERS } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';

/** What a URL of a broker can begin with, and the port that it then stands for. */
export const MQTT_PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

export const MQTT_URL_FORMS =
  'mqtt://host:1883, mqtts://host:8883, ws://host:8083/mqtt or wss://host:8084/mqtt';

/** Throws INVALID_INPUT for what is no URL of an MQTT broker. */
export function readMqttUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  // Without its slashes a browser reads another host than Node.js does.
  const isWritten = /^\w+:\/\/[^/]/.test(text.trim());
  if (url !== null && isWritten && url.hostname !== '' && Object.hasOwn(MQTT_PORTS, url.protocol)) return url;
  throw new TpeError('INVALID_INPUT', `The URL of the MQTT broker must look like ${MQTT_URL_FORMS}.`, {
    field: 'url',
  });
}

/** Whether it is spoken to over TLS. */
export function isSecure({ protocol }: Pick<URL, 'protocol'>): boolean {
  return protocol === 'mqtts:' || protocol === 'wss:';
}

/** Whether it can become one level of `$share/GROUP/filter` (MQTT 5, 4.8.2). */
export function isSharedGroup(group: string): boolean {
  return /^[^/+#\s]{1,100}$/.test(group) && !CONTROL_CHARACTERS.test(group);
}
